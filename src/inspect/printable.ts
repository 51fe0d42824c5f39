import { type ByteString, textOf } from "../base/byte-string.ts";

/**
 * Text that a terminal shows and does not obey: control characters, and those that turn the direction of writing or are
 * not seen, become `\x1b` or `\u{202e}`.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** Text of several lines, such as a program's output: it keeps its line ends and tabs. */
export function printableLines(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, printable);
}

/** One thing that is said: what is behind its first line is set off, so that it cannot pass for the next thing. */
export function printableItem(text: string): string {
  return printableLines(text.trimEnd()).replaceAll("\n", "\n    ");
}

/** A path inside an image for people, with a leading slash. */
export function printablePath(path: ByteString): string {
  return printable(`/${textOf(path)}`);
}

/** JSON that says the same, without any character that a terminal would obey. */
export function printableJson(value: unknown, indent?: number): string {
  return escapeControls(JSON.stringify(value, null, indent));
}

/** JSON itself escapes U+0000 to U+001F; in its strings, every other character may be written as a number too. */
function escapeControls(json: string): string {
  // Nearly all of it is ASCII, of which a hundred megabytes are looked through in a tenth of a second.
  return json.replaceAll(/[^\0-\x7e]+/g, (run) =>
    run.replaceAll(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, (character) =>
      Array.from({ length: character.length }, (_, unit) => escaped(character.charCodeAt(unit))).join(""),
    ),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
