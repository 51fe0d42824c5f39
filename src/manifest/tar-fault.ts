import { MkimageError } from "../base/errors.ts";
import { type ByteString, textOf } from "../base/byte-string.ts";

/** The error for an entry of an archive: which one, and what of it cannot be. */
export function entryFault(name: ByteString, reason: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `the tar archive's entry ${shortened(name)} cannot be taken: ${reason}`);
}

/** A value for people, quoted: its beginning where it is long. */
export function quoted(value: ByteString): string {
  return JSON.stringify(shortened(value));
}

function shortened(text: ByteString): string {
  return text.length <= mostShown ? textOf(text) : `${textOf(text.slice(0, mostShown))}…`;
}

const mostShown = 200;
