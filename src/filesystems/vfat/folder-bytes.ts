import { fatLabel } from "../../structures/fat/boot-sector.ts";
import { fatAttributes, fatEntry, fatEntryLength } from "../../structures/fat/folder-entry.ts";
import { fatTime } from "../../structures/fat/time.ts";
import { writeRecord } from "../../structures/record.ts";
import type { FatAllocation, PlacedFolder } from "./allocation.ts";
import { longNameEntries } from "./long-name.ts";
import type { FatFolder, FatNode } from "./tree.ts";

interface Entry {
  readonly name: Uint8Array;
  readonly attribute: number;
  readonly cluster: number;
  readonly size: number;
  readonly seconds: number;
}

/** The root folder's entries: the label, if there is one, then the files in bytewise order. */
export function rootBytes(root: FatFolder, label: string, seconds: number, allocation: FatAllocation): Uint8Array {
  const labelEntry = {
    name: Buffer.from(fatLabel(label), "latin1"),
    attribute: fatAttributes.label,
    cluster: 0,
    size: 0,
    seconds,
  };
  const entries = root.children.flatMap((child) => childEntries(child, allocation));
  return Buffer.concat(label === "" ? entries : [entryBytes(labelEntry), ...entries]);
}

/** The entries of a folder below the root: itself, its parent, then the files in bytewise order. */
export function folderBytes({ folder, parent }: PlacedFolder, allocation: FatAllocation): Uint8Array {
  const isInRoot = parent === allocation.folders[0]?.folder;
  return Buffer.concat([
    dotEntry(".", clusterOf(folder, allocation), folder),
    // The root is always written as 0 here, also where it has a cluster.
    dotEntry("..", isInRoot ? 0 : clusterOf(parent, allocation), folder),
    ...folder.children.flatMap((child) => childEntries(child, allocation)),
  ]);
}

function clusterOf(node: FatNode | undefined, { runs }: FatAllocation): number {
  return node === undefined ? 0 : (runs.get(node)?.first ?? 0);
}

function dotEntry(name: string, cluster: number, folder: FatFolder): Uint8Array {
  const { seconds } = folder.inode.mtime;
  return entryBytes({
    name: Buffer.from(name.padEnd(fatEntry.name.length)),
    attribute: fatAttributes.folder,
    cluster,
    size: 0,
    seconds,
  });
}

function childEntries(node: FatNode, allocation: FatAllocation): Uint8Array[] {
  const entry = entryBytes({
    name: node.shortName,
    attribute: node.type === "folder" ? fatAttributes.folder : fatAttributes.archive,
    cluster: clusterOf(node, allocation),
    size: node.type === "folder" ? 0 : node.inode.size,
    seconds: node.inode.mtime.seconds,
  });
  return [...longNameEntries(node.longName, node.shortName), entry];
}

/** All three times are the same: FAT's own would be the clock's. */
function entryBytes({ name, attribute, cluster, size, seconds }: Entry): Uint8Array {
  const { date, time } = fatTime(seconds);
  const bytes = Buffer.alloc(fatEntryLength);
  writeRecord(fatEntry, bytes, {
    name,
    attributes: attribute,
    createdTime: time,
    createdDate: date,
    accessedDate: date,
    clusterHigh: cluster >>> 16,
    modifiedTime: time,
    modifiedDate: date,
    clusterLow: cluster & 0xffff,
    size,
  });
  return bytes;
}
