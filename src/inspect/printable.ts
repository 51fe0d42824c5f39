import { type ByteString, textOf } from "../manifest/byte-string.ts";

/**
 * Text that a terminal shows and does not obey: control characters, and those that turn the direction of writing, become
 * `\x1b` or `\u202e`.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** A path inside an image for people, with a leading slash. */
export function printablePath(path: ByteString): string {
  return printable(`/${textOf(path)}`);
}
