import { getSystemErrorMessage } from "node:util";
import { type ErrorCode, MkimageError } from "../base/errors.ts";

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
  ELOOP: { code: "FILE_FAILED", hint: "symbolic links lead in a circle: choose another path" },
  EISDIR: { code: "FILE_FAILED", hint: "it is a folder: name a file" },
  ENOTEMPTY: { code: "FILE_FAILED", hint: "something else is in the way: choose another path" },
  EBUSY: { code: "FILE_FAILED", hint: "something uses it: end that, or choose another path" },
  ETXTBSY: { code: "FILE_FAILED", hint: "it is being written to, or runs: wait until that has ended" },
  EXDEV: { code: "FILE_FAILED", hint: "both have to be on the same filesystem" },
  EFBIG: {
    code: "NO_SPACE",
    hint: "files may not be that large there: look at ulimit -f, or choose another filesystem",
  },
  ENXIO: { code: "FILE_FAILED", hint: "nothing is behind it: choose another path" },
  ENODEV: { code: "FILE_FAILED", hint: "nothing is behind it: choose another path" },
  ENOTSUP: { code: "FILE_FAILED", hint: "the filesystem cannot do that: choose a folder on another" },
  EOPNOTSUPP: { code: "FILE_FAILED", hint: "the filesystem cannot do that: choose a folder on another" },
  ESPIPE: { code: "FILE_FAILED", hint: "it is a pipe: name a file" },
  ESTALE: { code: "FILE_FAILED", hint: "the server has forgotten it: mount it again" },
  ENFILE: { code: "FILE_FAILED", hint: "this machine has too many files open: end other programs" },
  ENOMEM: { code: "FILE_FAILED", hint: "this machine has no memory left: end other programs" },
  EMFILE: { code: "FILE_FAILED", hint: "allow more open files: ulimit -n" },
};

/** Those that Node has no name for, by their numbers. Source: asm-generic/errno.h. */
const unnamed: Readonly<Record<number, { readonly code: string; readonly meaning: string }>> = {
  [-116]: { code: "ESTALE", meaning: "stale file handle" },
  [-122]: { code: "EDQUOT", meaning: "disk quota exceeded" },
};

/** The name of an error of the operating system, as `errno` has it; `undefined` for any other error. */
export function systemErrorName(error: unknown): string | undefined {
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException;
  return unnamed[errno ?? 0]?.code ?? code;
}

/** Explains to the user an error of the operating system; `undefined` for any other error, which is a defect of mkimage. */
export function systemError(error: unknown): MkimageError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errno, syscall, path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const cause = causes[systemErrorName(error) ?? ""];
  if (cause === undefined || errno === undefined) return undefined;
  const where = [path, dest].filter((name) => name !== undefined).join(" to ");
  return new MkimageError(
    cause.code,
    `cannot ${[syscall ?? "use", where].join(" ").trim()}: ${unnamed[errno]?.meaning ?? getSystemErrorMessage(errno)}`,
    {
      hint: cause.hint,
      cause: error,
    },
  );
}
