import { getSystemErrorMessage } from "node:util";
import { type ErrorCode, MkimageError } from "../errors.ts";

/** The errors of the operating system that a user can do something about, as `errno` names them. */
const causes: Readonly<Record<string, { code: ErrorCode; hint: string }>> = {
  ENOSPC: { code: "NO_SPACE", hint: "make room, or choose a folder on another disk" },
  EDQUOT: { code: "NO_SPACE", hint: "your quota is used up: make room, or choose a folder on another disk" },
  EACCES: { code: "FILE_FAILED", hint: "choose another path, or become a user who may do that" },
  EPERM: { code: "FILE_FAILED", hint: "choose another path, or become a user who may do that" },
  EROFS: { code: "FILE_FAILED", hint: "choose a folder on a disk that can be written to" },
  ENOENT: { code: "FILE_FAILED", hint: "look whether the path is right, and still there" },
  EEXIST: { code: "FILE_FAILED", hint: "something else is in the way: choose another path" },
  ENOTDIR: { code: "FILE_FAILED", hint: "a part of the path is a file: choose another" },
  ENAMETOOLONG: { code: "FILE_FAILED", hint: "choose a shorter path" },
  EIO: { code: "FILE_FAILED", hint: "the disk fails: the kernel's log says more" },
  EMFILE: { code: "FILE_FAILED", hint: "allow more open files: ulimit -n" },
};

/** What the operating system refused, in words for the user; `undefined` for any other error, which is a defect of ours. */
export function systemError(error: unknown): MkimageError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "", errno, syscall, path } = error as NodeJS.ErrnoException;
  const cause = causes[code];
  if (cause === undefined || errno === undefined) return undefined;
  const where = path === undefined ? "" : ` ${path}`;
  return new MkimageError(cause.code, `cannot ${syscall ?? "use"}${where}: ${getSystemErrorMessage(errno)}`, {
    hint: cause.hint,
    cause: error,
  });
}
