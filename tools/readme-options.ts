import { optionTable } from "../src/request/option-table.ts";

const begin = "<!-- options: written by `make docs` -->";
const end = "<!-- end of options -->";

/** The README with the table of options that the schema makes now. */
export function withOptionTable(readme: string): string {
  const [before, rest] = split(readme, begin);
  const [, after] = split(rest, end);
  return `${before}${begin}\n\n${optionTable()}\n\n${end}${after}`;
}

function split(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the README has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
