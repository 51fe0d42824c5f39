import type { Extent } from "../../image/extent.ts";
import type { Bytes } from "../../base/units.ts";
import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { firstCluster } from "../../structures/fat/allocation-table.ts";
import { fatEntryLength, mostFatEntries } from "../../structures/fat/folder-entry.ts";
import { requireReach, TreeBudget } from "../budget.ts";
import { badImage, Faults } from "../../base/image-faults.ts";
import { printablePath } from "../printable.ts";
import type { ReadFilesystem, Structure } from "../filesystem.ts";
import { Turns } from "../../image/turns.ts";
import { AllocationReader, type ClusterRun } from "./allocation-reader.ts";
import { bootRecordFaults, type ReadFatShape, isFat, readShape } from "./boot-record.ts";
import { entriesOf, type FatEntry } from "./folder-reader.ts";

export { isFat };

const attributes = { mode: 0o755, uid: 0, gid: 0 } as const;
const largestFolder = mostFatEntries * fatEntryLength;

/** Reads a FAT filesystem: its whole tree of names, and where each file's bytes are. */
export async function readFat(bytes: DiskBytes, signal?: AbortSignal): Promise<ReadFilesystem> {
  const shape = readShape(bytes);
  const turns = new Turns(signal);
  const table = new AllocationReader(bytes, shape);
  const reader = new TreeReader(bytes, shape, table);
  const root = await reader.readTree(turns);
  return {
    root,
    size: shape.size,
    freeBytes: (await table.countFree(turns)) * shape.clusterSize,
    needsRecovery: false,
    structures: [...ownStructures(shape), ...reader.structures].sort((a, b) => a.offset - b.offset),
    faults: [...bootRecordFaults(bytes), ...reader.faults.list],
  };
}

interface Waiting {
  readonly folder: DirectoryInode;
  readonly content: Buffer;
  readonly path: ByteString;
  readonly depth: number;
}

/** Names that any filesystem may have; beyond these, as a rule, each file has a cluster. */
const namesOfAny = 65_536;

class TreeReader {
  readonly faults = new Faults();
  readonly structures: Structure[] = [];
  readonly #bytes: DiskBytes;
  readonly #shape: ReadFatShape;
  readonly #table: AllocationReader;
  readonly #budget: TreeBudget;

  constructor(bytes: DiskBytes, shape: ReadFatShape, table: AllocationReader) {
    this.#bytes = bytes;
    this.#shape = shape;
    this.#table = table;
    this.#budget = new TreeBudget(bytes.realSize, namesOfAny + shape.clusters);
  }

  /** Reads the file tree. A tree that costs more to read than any sound filesystem is a fault, and is read no further. */
  async readTree(turns: Turns): Promise<DirectoryInode> {
    const mtime = { seconds: 0, nanoseconds: 0 };
    const root: DirectoryInode = { type: "directory", ...attributes, mtime, entries: new Map() };
    const waiting: Waiting[] = [{ folder: root, content: this.#rootContent(), path: "", depth: 0 }];
    await this.faults.attemptAll("its tree", async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (turns.isOver) await turns.next();
        waiting.push(...this.#readFolder(next));
      }
    });
    return root;
  }

  #rootContent(): Buffer {
    const { bits, rootAt, rootSize, rootCluster } = this.#shape;
    return bits === 32 ? this.#folderContent(rootCluster, "") : this.#bytes.read(rootAt, rootSize);
  }

  #readFolder({ folder, content, path, depth }: Waiting): Waiting[] {
    const below: Waiting[] = [];
    for (const entry of entriesOf(content)) {
      const place = path === "" ? entry.name : `${path}/${entry.name}`;
      this.#budget.takeName(place.length);
      this.faults.requireFew();
      if (entry.name === "" || /[/\0]/.test(entry.name)) {
        this.faults.add(`a name in ${printablePath(path)} has a forbidden character`);
        continue;
      }
      const what = (): string => printablePath(place);
      const inode = this.faults.attempt(what, () => this.#inodeOf(entry));
      if (inode === undefined) continue;
      folder.entries.set(entry.name, inode);
      if (inode.type !== "directory") continue;
      const inside = this.faults.attempt(what, () => this.#contentBelow(entry.cluster, place, depth));
      if (inside !== undefined) below.push({ folder: inode, content: inside, path: place, depth: depth + 1 });
    }
    return below;
  }

  #inodeOf({ isFolder, cluster, size, mtime }: FatEntry): Inode {
    if (isFolder) return { type: "directory", ...attributes, mtime, entries: new Map() };
    return { type: "file", ...attributes, mtime, size, content: this.#content(cluster, size) };
  }

  #content(cluster: number, size: Bytes): Extent[] {
    if (size === 0) return [];
    const extents: Extent[] = [];
    let offset = 0;
    for (const run of this.#table.chain(cluster)) {
      this.#budget.extents.take(1);
      const length = Math.min(run.count * this.#shape.clusterSize, size - offset);
      if (length <= 0) break;
      extents.push({ offset, length, source: this.#bytes.sourceAt(this.#offsetOf(run)) });
      offset += length;
    }
    if (offset < size) throw badImage(`its clusters end after ${offset} of ${size} bytes`);
    return extents;
  }

  #contentBelow(cluster: number, path: ByteString, depth: number): Buffer {
    requireReach(depth);
    return this.#folderContent(cluster, path);
  }

  #folderContent(cluster: number, path: ByteString): Buffer {
    const runs = this.#table.chain(cluster);
    const { clusterSize } = this.#shape;
    const size = runs.reduce((sum, { count }) => sum + count, 0) * clusterSize;
    if (size > largestFolder) throw badImage(`it is a folder of ${size} bytes`);
    const describe = (): string => `the folder ${printablePath(path)}`;
    for (const run of runs)
      this.structures.push({ offset: this.#offsetOf(run), length: run.count * clusterSize, describe });
    return Buffer.concat(runs.map((run) => this.#bytes.read(this.#offsetOf(run), run.count * clusterSize)));
  }

  #offsetOf({ first }: ClusterRun): Bytes {
    return this.#shape.dataAt + (first - firstCluster) * this.#shape.clusterSize;
  }
}

function ownStructures({ tablesAt, tableSize, tables, rootAt, rootSize }: ReadFatShape): Structure[] {
  const named = (offset: Bytes, length: Bytes, name: string): Structure => ({ offset, length, describe: () => name });
  return [
    named(0, tablesAt, "the boot sector and what is reserved behind it"),
    ...Array.from({ length: tables }, (_, index) =>
      named(tablesAt + index * tableSize, tableSize, `file allocation table ${index + 1}`),
    ),
    ...(rootSize === 0 ? [] : [named(rootAt, rootSize, "the root folder")]),
  ];
}
