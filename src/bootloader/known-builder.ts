import { Obstacle } from "./obstacle.ts";

/**
 * Looks whether the code around a builder's constants does what mkimage does in its place: the lines that it writes, the
 * order of an entry's lines, and how it names files. A release that changes one of these is not taken over.
 *
 * @throws Obstacle naming the first difference.
 */
export function refuseUnknownCode(program: string): void {
  for (const [what, pattern] of landmarks) {
    if (!pattern.test(program)) throw new Obstacle(`its builder does not ${what} as mkimage knows it`);
  }
  refuseUnknownEntryLines(program);
  refuseUnknownWrites(program);
}

const landmarks: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["describe generations", /\{[\w.]+\.label\}, built on \{\w+\}/],
  ["write the date of a generation", /\.strftime\(["']%F["']\)/],
  ["name kernels", /\{\w+\}-\{[\w.]+\}(?:\.efi)?"|%s-%s\.efi/],
  ["write kernel parameters", /init=(?:%s|\{[\w.]+\}) /],
  ["name specialisations", /specialisation-\{specialisation\}/],
  ["choose the default entry", /["']default (?:%s\\n|\{\w+\})/],
];

/** The lines of an entry, in their order; a sort key came with 24.05. */
const entryLines = /title sort-key version linux initrd options|title version linux initrd options/;

/** An entry is one text of many lines, or a list of strings with a line each. */
function refuseUnknownEntryLines(program: string): void {
  const text = /^BOOT_ENTRY = """([\s\S]*?)"""/m.exec(program)?.[1] ?? listedLines(program);
  const keywords = [...text.matchAll(/^([\w-]+) /gm)].map((match) => match[1]).join(" ");
  if (keywords.replace(entryLines, "") === "" && keywords !== "") return;
  throw new Obstacle(`its builder writes entries with the lines "${keywords}", which mkimage does not know`);
}

function listedLines(program: string): string {
  const list = /\[\s*f?["']title [\s\S]*?\n\s*\]/.exec(program)?.[0] ?? "";
  return [...list.matchAll(/^\s*\[?\s*f?["'](.*)$/gm)].map((match) => match[1]).join("\n");
}

/** Whatever else is written into a file begins with one of these. */
const furtherLines = /^(?:timeout|default|editor|reboot-for-bitlocker|console-mode|machine-id|devicetree) /;

function refuseUnknownWrites(program: string): void {
  for (const [, argument = ""] of program.matchAll(/\.(?:write|append)\(\s*([^\n]*)/g)) {
    const text = /^f?["'](?!--)(.*)$/.exec(argument)?.[1];
    if (text !== undefined && !furtherLines.test(text)) {
      throw new Obstacle(`its builder writes ${argument}, which mkimage does not know`);
    }
  }
}
