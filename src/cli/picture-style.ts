import type { PictureStyle } from "../pipeline/plan/picture/cell.ts";

/** Where pictures go: a terminal, or anything else, which is as wide as a terminal of old. */
interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Below the first nothing can be read, and beyond the second lines are too long to follow. */
const widths = { least: 40, most: 160, usual: 80 };

/**
 * How pictures can be shown: as wide as the terminal, with line characters where the locale is UTF-8, and with colours on a
 * terminal that has them, unless NO_COLOR is set. Pure.
 */
export function pictureStyle(environment: NodeJS.ProcessEnv, output: Output): PictureStyle {
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  const isDumb = environment["TERM"] === "dumb";
  const columns = output.isTTY === true ? (output.columns ?? widths.usual) : widths.usual;
  return {
    width: Math.min(widths.most, Math.max(widths.least, columns)),
    characters: /utf-?8/i.test(locale) && !isDumb ? "unicode" : "ascii",
    colours: output.isTTY === true && !isDumb && (environment["NO_COLOR"] ?? "") === "",
  };
}
