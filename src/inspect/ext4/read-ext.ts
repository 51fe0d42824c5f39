import type { Extent } from "../../image/extent.ts";
import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { deviceNumbers, inodeNumbers, inodeTypeMask, inodeTypes } from "../../structures/ext4/inode.ts";
import { Allowance, requireReach, TreeBudget } from "../budget.ts";
import { badImage, Faults } from "../../base/image-faults.ts";
import { printablePath } from "../printable.ts";
import type { ReadFilesystem, Structure } from "../filesystem.ts";
import { Turns } from "../../image/turns.ts";
import { type BlockMap, mapBlocks, type MapBudget } from "./block-map.ts";
import { namesIn } from "./directory-reader.ts";
import { inlineBytes, inlineParts, isInline } from "./inline-data.ts";
import { type ExtInode, InodeReader } from "./inode-reader.ts";
import { ownStructures } from "./structures.ts";
import { type ExtSuperblock, hasExtMagic, readSuperblock } from "./superblock.ts";

export { hasExtMagic as isExt };

/** Reads an ext2, ext3 or ext4 filesystem: its whole tree of names, and where each file's bytes are. */
export async function readExt(bytes: DiskBytes, signal?: AbortSignal): Promise<ReadFilesystem> {
  const superblock = readSuperblock(bytes);
  const reader = new TreeReader(bytes, superblock);
  if (superblock.needsRecovery) reader.faults.add("its journal was not replayed: it was not unmounted");
  const root = await reader.readTree(new Turns(signal));
  return {
    root,
    size: superblock.blocks * superblock.blockSize,
    freeBytes: superblock.freeBytes,
    needsRecovery: superblock.needsRecovery,
    get structures() {
      const own = ownStructures(bytes, superblock, reader.paths);
      return [...own, ...reader.structures].sort((a, b) => a.offset - b.offset);
    },
    faults: reader.faults.list,
  };
}

interface Waiting {
  readonly inode: ExtInode;
  readonly folder: DirectoryInode;
  readonly path: ByteString;
  readonly depth: number;
}

/** Names of one file, all in all: stores link equal files, but not without end. */
const namesPerInode = 4;
const namesOfAny = 100_000;
const blocksInOnePiece = 16;

class TreeReader {
  readonly faults = new Faults();
  readonly structures: Structure[] = [];
  /** Where each inode stands; the first name of those with several. */
  readonly paths = new Map<number, ByteString>();
  readonly #bytes: DiskBytes;
  readonly #superblock: ExtSuperblock;
  readonly #inodes: InodeReader;
  readonly #known = new Map<number, Inode>();

  readonly #budget: TreeBudget & MapBudget;
  readonly #folderBlocks: Allowance;

  constructor(bytes: DiskBytes, superblock: ExtSuperblock) {
    this.#bytes = bytes;
    this.#superblock = superblock;
    this.#inodes = new InodeReader(bytes, superblock);
    const { realSize } = bytes;
    const blocks = 1024 + Math.floor(realSize / superblock.blockSize);
    const inodes = Math.min(superblock.inodes, Math.floor(realSize / superblock.inodeSize));
    const mapBudget = { mapBlocks: new Allowance("blocks of block maps", blocks) };
    this.#budget = Object.assign(new TreeBudget(realSize, namesOfAny + namesPerInode * inodes), mapBudget);
    this.#folderBlocks = new Allowance("blocks of folders", blocks);
  }

  /** Reads the file tree. A tree that costs more to read than any sound filesystem is a fault, and is read no further. */
  async readTree(turns: Turns): Promise<DirectoryInode> {
    const inode = this.#inodes.read(inodeNumbers.root);
    const root = this.#inodeOf(inode, "");
    if (root.type !== "directory") throw badImage("its root is no folder");
    this.#readJournal();
    const waiting: Waiting[] = [{ inode, folder: root, path: "", depth: 0 }];
    await this.faults.attemptAll("its tree", async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (turns.isOver) await turns.next();
        // One by one: a call takes only so many arguments.
        for (const folder of await this.#readFolder(next, turns)) waiting.push(folder);
      }
    });
    return root;
  }

  /** Fills a folder, and gives the folders in it. */
  async #readFolder({ inode, folder, path, depth }: Waiting, turns: Turns): Promise<Waiting[]> {
    const below: Waiting[] = [];
    for (const block of this.#blocksOf(inode, path)) {
      if (turns.isOver) await turns.next();
      this.#folderBlocks.take(1);
      for (const { name, inode: number } of namesIn(block, this.faults)) {
        const place = path === "" ? name : `${path}/${name}`;
        this.#budget.takeName(place.length);
        this.faults.requireFew();
        const child = this.faults.attempt(
          () => printablePath(place),
          () => this.#child(number, place, depth),
        );
        if (child === undefined) continue;
        folder.entries.set(name, child.inode);
        if (child.folder !== undefined) below.push({ ...child.folder, path: place, depth: depth + 1 });
      }
    }
    return below;
  }

  *#blocksOf(folder: ExtInode, path: ByteString): Generator<Buffer> {
    const what = (): string => printablePath(path);
    if (isInline(folder)) {
      yield* this.faults.attempt(what, () => inlineBlocks(folder)) ?? [];
      return;
    }
    const { blockSize } = this.#superblock;
    for (const { block, length } of this.faults.attempt(what, () => this.#map(folder, path).runs) ?? []) {
      this.#own(block, length, () => `the folder ${printablePath(path)}`);
      for (let done = 0; done < length; done += blocksInOnePiece) {
        const count = Math.min(blocksInOnePiece, length - done);
        const read = (): Buffer => this.#bytes.read((block + done) * blockSize, count * blockSize);
        const content = this.faults.attempt(what, read);
        if (content === undefined) break;
        for (let index = 0; index < count; index += 1)
          yield content.subarray(index * blockSize, (index + 1) * blockSize);
      }
    }
  }

  #child(number: number, path: ByteString, depth: number) {
    const known = this.#known.get(number);
    if (known?.type === "directory") throw badImage("it is a second name of a folder");
    if (known !== undefined) return { inode: known, folder: undefined };
    requireReach(depth);
    const raw = this.#inodes.read(number);
    const inode = this.#inodeOf(raw, path);
    return { inode, folder: inode.type === "directory" ? { inode: raw, folder: inode } : undefined };
  }

  #inodeOf(raw: ExtInode, path: ByteString): Inode {
    const { mode, uid, gid, mtime } = raw;
    const attributes = { mode: mode & 0o7777, uid, gid, mtime };
    const inode = this.#typed(raw, attributes, path);
    this.#known.set(raw.number, inode);
    this.paths.set(raw.number, path);
    if (raw.xattrBlock !== 0) this.#own(raw.xattrBlock, 1, () => `attributes of ${printablePath(path)}`);
    return inode;
  }

  #typed(raw: ExtInode, attributes: Pick<Inode, "mode" | "uid" | "gid" | "mtime">, path: ByteString): Inode {
    switch (raw.mode & inodeTypeMask) {
      case inodeTypes.directory:
        return { type: "directory", ...attributes, entries: new Map() };
      case inodeTypes.file:
        return { type: "file", ...attributes, size: raw.size, content: this.#content(raw, path) };
      case inodeTypes.symlink:
        return { type: "symlink", ...attributes, target: this.#target(raw, path) };
      case inodeTypes["character-device"]:
        return { type: "character-device", ...attributes, ...deviceOf(raw) };
      case inodeTypes["block-device"]:
        return { type: "block-device", ...attributes, ...deviceOf(raw) };
      case inodeTypes.fifo:
        return { type: "fifo", ...attributes };
      case inodeTypes.socket:
        return { type: "socket", ...attributes };
      default:
        throw badImage(`inode ${raw.number} has no type`);
    }
  }

  #content(raw: ExtInode, path: ByteString): Extent[] {
    if (raw.size === 0) return [];
    if (isInline(raw)) return inlineContent(raw);
    const { blockSize } = this.#superblock;
    return this.#map(raw, path).runs.flatMap(({ logical, block, length }) => {
      const offset = logical * blockSize;
      const size = Math.min(length * blockSize, raw.size - offset);
      return size <= 0 ? [] : [{ offset, length: size, source: this.#bytes.sourceAt(block * blockSize) }];
    });
  }

  /** A short target stands in the inode itself. */
  #target(raw: ExtInode, path: ByteString): ByteString {
    if (isInline(raw)) return Buffer.concat(inlineParts(raw)).toString("latin1", 0, raw.size);
    if (raw.size < raw.blockArea.length) return raw.blockArea.toString("latin1", 0, raw.size);
    const { blockSize } = this.#superblock;
    const [run] = this.#map(raw, path).runs;
    if (run === undefined || raw.size > blockSize) throw badImage("its target cannot be read");
    this.#budget.takeText(raw.size);
    this.#own(run.block, 1, () => `the link ${printablePath(path)}`);
    return this.#bytes.read(run.block * blockSize, raw.size).toString("latin1");
  }

  #map(raw: ExtInode, path: ByteString): BlockMap {
    const map = mapBlocks(this.#bytes, this.#superblock, raw, this.#budget);
    for (const block of map.mapBlocks) this.#own(block, 1, () => `the block map of ${printablePath(path)}`);
    return map;
  }

  #readJournal(): void {
    const { journalInode } = this.#superblock;
    if (journalInode === 0) return;
    this.faults.attempt("its journal", () => {
      const map = mapBlocks(this.#bytes, this.#superblock, this.#inodes.read(journalInode), this.#budget);
      for (const { block, length } of map.runs) this.#own(block, length, () => "the journal");
    });
  }

  #own(block: number, blocks: number, describe: () => string): void {
    const { blockSize } = this.#superblock;
    this.structures.push({ offset: block * blockSize, length: blocks * blockSize, describe });
  }
}

function inlineContent(inode: ExtInode): Extent[] {
  const bytes = inlineBytes(inode);
  return [{ offset: 0, length: bytes.length, source: { kind: "bytes", bytes } }];
}

/** A small folder begins with its parent's number instead of `.` and `..`. */
function inlineBlocks(folder: ExtInode): Buffer[] {
  const [inArea, amongAttributes] = inlineParts(folder);
  return [inArea.subarray(4), amongAttributes];
}

function deviceOf({ blockArea }: ExtInode): { major: number; minor: number } {
  return deviceNumbers(blockArea.readUInt32LE(0), blockArea.readUInt32LE(4));
}
