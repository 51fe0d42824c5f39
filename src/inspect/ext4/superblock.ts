import type { Bytes } from "../../base/units.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { badImage } from "../faults.ts";

/** The fields of the superblock of an ext2, ext3 or ext4 filesystem that a reader needs. */
export interface ExtSuperblock {
  readonly blockSize: Bytes;
  readonly blocks: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly groups: number;
  readonly inodes: number;
  readonly inodesPerGroup: number;
  readonly inodeSize: Bytes;
  readonly descriptorSize: Bytes;
  readonly hasMetaGroups: boolean;
  readonly firstMetaGroup: number;
  readonly hasSparseCopies: boolean;
  readonly journalInode: number;
  readonly needsRecovery: boolean;
  readonly freeBytes: Bytes;
}

export const superblockAt = 1024;
const superblockLength = 1024;
const magic = 0xef53;

const compatible = { hasJournal: 0x4, sparseSuperblocks2: 0x200 } as const;
const incompatible = { recover: 0x4, journalDevice: 0x8, metaGroups: 0x10, extents: 0x40, wide: 0x80 } as const;
const readOnlyCompatible = { sparseSuperblocks: 0x1, clusters: 0x200 } as const;

/** Whether the superblock's mark is there. */
export function hasExtMagic(bytes: DiskBytes): boolean {
  return bytes.size >= 2 * superblockAt && bytes.read(superblockAt + 0x38, 2).readUInt16LE(0) === magic;
}

/**
 * Reads the superblock.
 *
 * Source: kernel.org, filesystems/ext4, "The Super Block".
 *
 * @throws MkimageError BAD_IMAGE when its numbers cannot be those of a filesystem.
 */
export function readSuperblock(bytes: DiskBytes): ExtSuperblock {
  const raw = bytes.read(superblockAt, superblockLength);
  const features = { incompatible: raw.readUInt32LE(0x60), readOnly: raw.readUInt32LE(0x64) };
  if ((features.incompatible & incompatible.journalDevice) !== 0) throw badImage("it is the journal of another device");
  const isWide = (features.incompatible & incompatible.wide) !== 0;
  const isDynamic = raw.readUInt32LE(0x4c) > 0;
  const blocks = wideNumber(raw, 0x04, isWide ? 0x150 : undefined);
  const firstDataBlock = raw.readUInt32LE(0x14);
  const blocksPerGroup = raw.readUInt32LE(0x20);
  const superblock = {
    blockSize: blockSizeOf(raw.readUInt32LE(0x18)),
    blocks,
    firstDataBlock,
    blocksPerGroup,
    groups: Math.ceil((blocks - firstDataBlock) / blocksPerGroup),
    inodes: raw.readUInt32LE(0x00),
    inodesPerGroup: raw.readUInt32LE(0x28),
    inodeSize: isDynamic ? raw.readUInt16LE(0x58) : 128,
    descriptorSize: isWide ? raw.readUInt16LE(0xfe) : 32,
    hasMetaGroups: (features.incompatible & incompatible.metaGroups) !== 0,
    firstMetaGroup: raw.readUInt32LE(0x104),
    hasSparseCopies: (features.readOnly & readOnlyCompatible.sparseSuperblocks) !== 0,
    journalInode: (raw.readUInt32LE(0x5c) & compatible.hasJournal) === 0 ? 0 : raw.readUInt32LE(0xe0),
    needsRecovery: (features.incompatible & incompatible.recover) !== 0,
  };
  requireSense(superblock, bytes);
  return { ...superblock, freeBytes: freeBytesOf(raw, superblock, features, isWide) };
}

/** Groups that any filesystem may have: 32 TiB of them at their common size. More have to be described by bytes that are there. */
const groupsOfAny = 2 ** 18;

function requireSense(superblock: Omit<ExtSuperblock, "freeBytes">, { realSize }: DiskBytes): void {
  const { blocks, blocksPerGroup, groups, inodesPerGroup, inodeSize, descriptorSize, blockSize } = superblock;
  const isPossible =
    blocks > superblock.firstDataBlock &&
    blocksPerGroup >= 8 &&
    groups <= groupsOfAny + realSize / 2 ** 18 &&
    inodesPerGroup >= 1 &&
    inodesPerGroup <= blockSize * 8 &&
    inodeSize >= 128 &&
    inodeSize <= blockSize &&
    descriptorSize >= 32 &&
    descriptorSize <= blockSize;
  if (!isPossible) throw badImage(`its superblock makes no sense: ${JSON.stringify(superblock)}`);
}

function blockSizeOf(power: number): Bytes {
  if (power <= 6) return 1024 << power;
  throw badImage(`its superblock claims blocks of 2^${power + 10} bytes`);
}

/**
 * Computes the available bytes that statfs reports: free clusters without those reserved for root, and without the kernel's
 * own reserve for delayed allocation (2 %, at most 4096 clusters, where files have extents).
 */
function freeBytesOf(
  raw: Buffer,
  { blockSize, blocks }: { readonly blockSize: Bytes; readonly blocks: number },
  features: { readonly incompatible: number; readonly readOnly: number },
  isWide: boolean,
): Bytes {
  const hasClusters = (features.readOnly & readOnlyCompatible.clusters) !== 0;
  const clusterSize = hasClusters ? blockSizeOf(raw.readUInt32LE(0x1c)) : blockSize;
  const clusters = Math.floor((blocks * blockSize) / clusterSize);
  const hasExtents = (features.incompatible & incompatible.extents) !== 0;
  const kernelReserve = hasExtents ? Math.min(Math.floor(clusters / 50), 4096) : 0;
  const free = wideNumber(raw, 0x0c, isWide ? 0x158 : undefined) * clusterSize;
  const reserved = wideNumber(raw, 0x08, isWide ? 0x154 : undefined) * blockSize;
  return Math.max(0, free - reserved - kernelReserve * clusterSize);
}

/** A number whose upper 32 bits stand apart. */
export function wideNumber(bytes: Buffer, low: number, high: number | undefined): number {
  return bytes.readUInt32LE(low) + (high === undefined ? 0 : bytes.readUInt32LE(high) * 2 ** 32);
}
