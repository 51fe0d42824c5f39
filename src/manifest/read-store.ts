import { MkimageError } from "../base/errors.ts";
import type { Closure } from "../nix/closure.ts";
import { byteString } from "../base/byte-string.ts";
import type { Inode } from "./inode.ts";
import { readTrees } from "./read-folder.ts";
import { storeRules } from "./read-rules.ts";

/** The files of each store path. */
export type StoreContents = ReadonlyMap<string, Inode>;

/**
 * Reads the store paths of a closure as Nix itself would lay them down: root:root, time 1, 0444 and 0555, no hard links.
 *
 * @throws MkimageError RESOLVE_FAILED listing every store path that is missing or cannot be read.
 */
export async function readStore(closure: Closure): Promise<StoreContents> {
  const paths = closure.paths.map(({ path }) => path);
  const found = await readTrees(paths.map(byteString), storeRules);
  const faults = found.filter((tree) => tree instanceof MkimageError);
  if (faults.length === 0) return new Map(paths.map((path, index) => [path, found[index] as Inode]));
  throw new MkimageError(
    "RESOLVE_FAILED",
    `${faults.length} of the closure's ${paths.length} store paths cannot be read on this machine`,
    {
      details: faults.slice(0, 20).map(({ message }) => message),
      hint: "fetch them with `nix-store --realise PATH`, or repair the store with `nix-store --verify --check-contents --repair`",
    },
  );
}
