import { lstatSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { byteString } from "../../base/byte-string.ts";
import { MiB } from "../../base/units.ts";
import type { StorePath } from "../../nix/registration.ts";
import { storeName } from "../../nix/store-path.ts";
import { tuneEngine } from "../../runtime/engine.ts";
import { keepWithinBounds, keptFiles, type KeptKind, markUsed, newName } from "../../runtime/kept-files.ts";
import { makeFolder } from "../../runtime/make-folder.ts";
import { openWorkspace } from "../../runtime/workspace.ts";
import type { Inode } from "../inode.ts";
import { storeRules } from "../read-rules.ts";
import type { Found } from "../walk/found.ts";
import { placeTrees } from "../walk/place-trees.ts";
import { columnsOf, columnWords, type TreeColumns, walkedOf } from "./columns.ts";
import { readTreeFile, treeFileOf } from "./tree-file.ts";

/** 20 bytes an inode: of some hundred closures. */
const keptTrees: KeptKind = { prefix: "trees", mostBytes: 64 * MiB, mostFiles: 32 };
/** Of their format. */
const version = "1";
/** From here on a build takes long enough for `tuneEngine`. */
const manyInodes = 2000;

/**
 * The names, sizes, modes and links of store paths that an earlier build has read, which follow from the sum of a path that
 * Nix has: they are not walked through again. What goes wrong with the folder makes it less of a memory: no byte of an
 * image depends on it.
 */
export class RememberedTrees {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The trees of those paths that are there and remembered, by their paths. */
  recall(paths: readonly StorePath[]): Map<string, Inode> {
    const recalled = new Map<string, Inode>();
    const used: string[] = [];
    for (const { path: file } of keptFiles(this.#folder, keptTrees, version).toReversed()) {
      if (recalled.size === paths.length) break;
      const trees = readTreeFile(file);
      const wanted = paths.filter((path) => !recalled.has(path.path) && isThere(path.path, trees.get(keyOf(path))));
      if (wanted.length === 0) continue;
      used.push(file);
      for (const [path, inode] of treesOf(wanted, trees)) recalled.set(path, inode);
    }
    markUsed(used.toReversed());
    return recalled;
  }

  /** Remembers trees as they were read, for other builds. */
  async keep(trees: ReadonlyMap<StorePath, Inode>): Promise<void> {
    const columns = new Map<string, TreeColumns>();
    for (const [path, inode] of trees) {
      const own = columnsOf(inode);
      if (own !== undefined) columns.set(keyOf(path), own);
    }
    if (columns.size === 0) return;
    try {
      await writeInto(this.#folder, treeFileOf(columns));
      keepWithinBounds(this.#folder, keptTrees);
    } catch {
      // The disk is full, or the folder another user's.
    }
  }
}

/** The sum of what is in it would do, were each registration true. */
function keyOf({ path, narHash }: StorePath): string {
  return `${narHash} ${storeName(path)}`;
}

/** Whether a path is remembered, and something of its type there: what is missing has to be told. */
function isThere(path: string, tree: TreeColumns | undefined): boolean {
  if (tree === undefined) return false;
  try {
    return lstatSync(path).mode >>> 12 === (tree.inodes[0] ?? 0) >>> 12;
  } catch {
    return false;
  }
}

function treesOf(paths: readonly StorePath[], trees: ReadonlyMap<string, TreeColumns>): [string, Inode][] {
  const parts = paths.flatMap((path) => trees.get(keyOf(path)) ?? []);
  if (parts.reduce((sum, { inodes }) => sum + inodes.length / columnWords, 0) > manyInodes) tuneEngine();
  const found: Found[] = [];
  const walked = walkedOf([...paths.keys()], parts);
  placeTrees(
    found,
    walked,
    paths.map(({ path }) => byteString(path)),
    storeRules,
    { linked: new Map(), sparse: [] },
  );
  return paths.map(({ path }, index) => [path, found[index] as Inode]);
}

async function writeInto(folder: string, bytes: Buffer): Promise<void> {
  makeFolder(folder);
  const workspace = await openWorkspace(folder);
  try {
    const path = join(workspace.folder, "trees");
    writeFileSync(path, bytes);
    renameSync(path, join(folder, newName(keptTrees, version)));
  } finally {
    workspace.remove();
  }
}
