import { MkimageError } from "../errors.ts";
import type { Closure } from "../system/closure.ts";
import { byteString } from "./byte-string.ts";
import type { Inode } from "./inode.ts";
import { readTree, storeRules } from "./read-folder.ts";

/** The files of each store path. */
export type StoreContents = ReadonlyMap<string, Inode>;

/**
 * Reads the store paths of a closure as Nix itself would lay them down: root:root, time 1, 0444 and 0555, no hard links.
 *
 * @throws MkimageError RESOLVE_FAILED listing every store path that is missing or cannot be read.
 */
export function readStore(closure: Closure): StoreContents {
  const contents = new Map<string, Inode>();
  const faults: string[] = [];
  for (const { path } of closure.paths) {
    const inode = readOrExplain(path);
    if (typeof inode === "string") faults.push(inode);
    else contents.set(path, inode);
  }
  if (faults.length === 0) return contents;
  throw new MkimageError(
    "RESOLVE_FAILED",
    `${faults.length} of the closure's ${closure.paths.length} store paths cannot be read on this machine`,
    {
      details: faults.slice(0, 20),
      hint: "fetch them with `nix-store --realise PATH`, or repair the store with `nix-store --verify --check-contents --repair`",
    },
  );
}

function readOrExplain(path: string): Inode | string {
  try {
    return readTree(byteString(path), storeRules);
  } catch (error) {
    if (error instanceof MkimageError) return error.message;
    throw error;
  }
}
