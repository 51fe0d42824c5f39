import { MkimageError } from "../../errors.ts";
import { textOf } from "../byte-string.ts";
import type { Inode } from "../inode.ts";
import type { Fault } from "./walked.ts";

/** A tree, or why it could not be read. */
export type Found = Inode | MkimageError;

export function unreadable({ path, reason }: Fault): MkimageError {
  return new MkimageError("BAD_REQUEST", `${textOf(path)} cannot be read: ${reason}`);
}
