import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MkimageError } from "../base/errors.ts";

/**
 * Makes a folder, and those above it that are missing. Node's own way to do that does not end where a folder is there and
 * takes no other, as in /proc: it makes the one above once more, which works, and tries again.
 *
 * @returns the outermost folder that was made; `undefined` when all of them were there.
 * @throws MkimageError FILE_FAILED where no folder can be made; the errors of the operating system.
 */
export function makeFolder(name: string): string | undefined {
  const path = resolve(name);
  if (isFolder(path)) return undefined;
  const outermost = makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Somebody else was faster.
    if (code === "EEXIST" && isFolder(path)) return outermost;
    throw code === "ENOENT" ? takesNone(dirname(path)) : error;
  }
  return outermost ?? path;
}

/** The error for a folder that is there and in which nothing can be made. */
export function takesNone(folder: string): MkimageError {
  return new MkimageError("FILE_FAILED", `nothing can be made in ${folder}`, {
    hint: "it takes no files, as in /proc and /sys: choose a folder on a disk",
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
