import { MkimageError } from "../base/errors.ts";
import type { Closure } from "../nix/closure.ts";
import { byteString } from "../base/byte-string.ts";
import type { Inode } from "./inode.ts";
import { readTrees } from "./read-folder.ts";
import { storeRules } from "./read-rules.ts";
import type { RememberedTrees } from "./remembered/remembered-trees.ts";
import type { Found } from "./walk/found.ts";

/** The files of each store path. */
export type StoreContents = ReadonlyMap<string, Inode>;

/**
 * Reads the store paths of a closure as Nix itself would lay them down: root:root, time 1, 0444 and 0555, no hard links.
 *
 * @param remembered what earlier builds have read. Default: all of it is read.
 * @throws MkimageError RESOLVE_FAILED listing every store path that is missing or cannot be read.
 */
export async function readStore({ paths }: Closure, remembered?: RememberedTrees): Promise<StoreContents> {
  const recalled = remembered?.recall(paths) ?? new Map<string, Inode>();
  const others = paths.filter(({ path }) => !recalled.has(path));
  const found = await readTrees(
    others.map(({ path }) => byteString(path)),
    storeRules,
  );
  requireAll(found, paths.length);
  const read = new Map(others.map((path, index) => [path, found[index] as Inode]));
  await remembered?.keep(read);
  return new Map(paths.map((entry) => [entry.path, (recalled.get(entry.path) ?? read.get(entry)) as Inode]));
}

function requireAll(found: readonly Found[], paths: number): void {
  const faults = found.filter((tree) => tree instanceof MkimageError);
  if (faults.length === 0) return;
  throw new MkimageError(
    "RESOLVE_FAILED",
    `${faults.length} of the closure's ${paths} store paths cannot be read on this machine`,
    {
      details: faults.slice(0, 20).map(({ message }) => message),
      hint: "fetch them with `nix-store --realise PATH`, or repair the store with `nix-store --verify --check-contents --repair`",
    },
  );
}
