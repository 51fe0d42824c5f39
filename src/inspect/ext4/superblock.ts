import type { Bytes } from "../../base/units.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { extCompatible, extIncompatible, extReadOnlyCompatible } from "../../structures/ext4/features.ts";
import { narrowDescriptorSize } from "../../structures/ext4/group-descriptor.ts";
import { leastInodeSize } from "../../structures/ext4/inode.ts";
import {
  extMagic,
  extSuperblock,
  mostLogBlockSize,
  superblockAt,
  superblockLength,
  wideNumber,
} from "../../structures/ext4/superblock.ts";
import { readAlone, readRecord, type RecordValues } from "../../structures/record.ts";
import { badImage } from "../../base/image-faults.ts";

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

/** Whether the superblock's mark is there. */
export function hasExtMagic(bytes: DiskBytes): boolean {
  const { magic } = extSuperblock;
  const isInside = bytes.size >= superblockAt + superblockLength;
  return isInside && readAlone(magic, bytes.read(superblockAt + magic.offset, magic.length)) === extMagic;
}

/**
 * Reads the superblock.
 *
 * @throws MkimageError BAD_IMAGE when its numbers cannot be those of a filesystem.
 */
export function readSuperblock(bytes: DiskBytes): ExtSuperblock {
  const raw = readRecord(extSuperblock, bytes.read(superblockAt, superblockLength));
  const has = (feature: number): boolean => (raw.incompatible & feature) !== 0;
  if (has(extIncompatible.journalDevice)) throw badImage("it is the journal of another device");
  const isWide = has(extIncompatible.wideBlockNumbers);
  const blocks = wideNumber(raw.blocks, isWide ? raw.blocksHigh : 0);
  const { firstDataBlock, blocksPerGroup } = raw;
  const superblock = {
    blockSize: blockSizeOf(raw.logBlockSize),
    blocks,
    firstDataBlock,
    blocksPerGroup,
    groups: Math.ceil((blocks - firstDataBlock) / blocksPerGroup),
    inodes: raw.inodes,
    inodesPerGroup: raw.inodesPerGroup,
    inodeSize: raw.revision > 0 ? raw.inodeSize : leastInodeSize,
    descriptorSize: isWide ? raw.descriptorSize : narrowDescriptorSize,
    hasMetaGroups: has(extIncompatible.metaGroups),
    firstMetaGroup: raw.firstMetaGroup,
    hasSparseCopies: (raw.readOnlyCompatible & extReadOnlyCompatible.sparseSuperblocks) !== 0,
    journalInode: (raw.compatible & extCompatible.hasJournal) === 0 ? 0 : raw.journalInode,
    needsRecovery: has(extIncompatible.recover),
  };
  requireSense(superblock, bytes);
  return { ...superblock, freeBytes: freeBytesOf(raw, superblock, isWide) };
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
    inodeSize >= leastInodeSize &&
    inodeSize <= blockSize &&
    descriptorSize >= narrowDescriptorSize &&
    descriptorSize <= blockSize;
  if (!isPossible) throw badImage(`its superblock makes no sense: ${JSON.stringify(superblock)}`);
}

function blockSizeOf(power: number): Bytes {
  if (power <= mostLogBlockSize) return 1024 << power;
  throw badImage(`its superblock claims blocks of 2^${power + 10} bytes`);
}

/**
 * Computes the available bytes that statfs reports: free clusters without those reserved for root, and without the kernel's
 * own reserve for delayed allocation (2 %, at most 4096 clusters, where files have extents).
 */
function freeBytesOf(
  raw: RecordValues<typeof extSuperblock>,
  { blockSize, blocks }: { readonly blockSize: Bytes; readonly blocks: number },
  isWide: boolean,
): Bytes {
  const hasClusters = (raw.readOnlyCompatible & extReadOnlyCompatible.clusters) !== 0;
  const clusterSize = hasClusters ? blockSizeOf(raw.logClusterSize) : blockSize;
  const clusters = Math.floor((blocks * blockSize) / clusterSize);
  const hasExtents = (raw.incompatible & extIncompatible.extents) !== 0;
  const kernelReserve = hasExtents ? Math.min(Math.floor(clusters / 50), 4096) : 0;
  const free = wideNumber(raw.freeBlocks, isWide ? raw.freeBlocksHigh : 0) * clusterSize;
  const reserved = wideNumber(raw.reservedBlocks, isWide ? raw.reservedBlocksHigh : 0) * blockSize;
  return Math.max(0, free - reserved - kernelReserve * clusterSize);
}
