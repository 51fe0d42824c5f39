import type { Bytes } from "../../base/units.ts";
import { type FatBits, firstCluster } from "../../structures/fat/allocation-table.ts";
import { fatEntryLength } from "../../structures/fat/folder-entry.ts";
import type { FatFile, FatFolder, FatNode } from "./tree.ts";

/** The clusters of one file or folder: `count` of them in a row from `first` on. An empty file has 0 and 0. */
interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/** A folder and where it stands; the root has no parent. */
export interface PlacedFolder {
  readonly folder: FatFolder;
  readonly parent: FatFolder | undefined;
}

/** Which clusters belong to what. Folders come first, so that everything but contents lies together. */
export interface FatAllocation {
  /** In the order of the runs; the root stands first. */
  readonly folders: readonly PlacedFolder[];
  readonly files: readonly FatFile[];
  readonly runs: ReadonlyMap<FatNode, ClusterRun>;
  /** The first cluster that is free. */
  readonly next: number;
}

/** Gives every file and folder its clusters, one behind the other. `labelEntries`: 1 where the root has a label, else 0. */
export function allocate(root: FatFolder, bits: FatBits, clusterSize: Bytes, labelEntries: number): FatAllocation {
  const { folders, files } = inOrder(root);
  const runs = new Map<FatNode, ClusterRun>();
  let next = firstCluster;
  const give = (node: FatNode, length: Bytes) => {
    const count = Math.ceil(length / clusterSize);
    runs.set(node, { first: count === 0 ? 0 : next, count });
    next += count;
  };
  // The root of FAT12 and FAT16 lies before the clusters, and even an empty root of FAT32 has one.
  give(root, bits === 32 ? Math.max(1, root.entryCount + labelEntries) * fatEntryLength : 0);
  for (const { folder } of folders.slice(1)) give(folder, folder.entryCount * fatEntryLength);
  for (const file of files) give(file, file.inode.size);
  return { folders, files, runs, next };
}

function inOrder(root: FatFolder): { folders: PlacedFolder[]; files: FatFile[] } {
  const folders: PlacedFolder[] = [];
  const files: FatFile[] = [];
  const waiting: { node: FatNode; parent: FatFolder | undefined }[] = [{ node: root, parent: undefined }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, parent } = next;
    if (node.type === "file") {
      files.push(node);
      continue;
    }
    folders.push({ folder: node, parent });
    for (const child of node.children.toReversed()) waiting.push({ node: child, parent: node });
  }
  return { folders, files };
}
