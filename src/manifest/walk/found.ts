import { MkimageError } from "../../base/errors.ts";
import { textOf } from "../../base/byte-string.ts";
import type { Inode } from "../inode.ts";
import { pathFault } from "../path-limits.ts";
import { namesOf } from "../tree.ts";
import type { WalkFault } from "./walked.ts";

/** A tree, or why it could not be read. */
export type Found = Inode | MkimageError;

/** The error for what cannot be read. A folder can be deeper than paths go: whoever changed into it made more below. */
export function unreadable({ path, reason }: WalkFault): MkimageError {
  const tooLong = pathFault(namesOf(path));
  if (tooLong === undefined) return new MkimageError("BAD_REQUEST", `${textOf(path)} cannot be read: ${reason}`);
  return new MkimageError("BAD_REQUEST", `${textOf(path.slice(0, 200))}… cannot be read: ${tooLong}`);
}
