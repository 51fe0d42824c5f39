import type { DiskBytes } from "../../image/disk-bytes.ts";
import { groupDescriptor, hasSuperblock, wideDescriptorSize } from "../../structures/ext4/group-descriptor.ts";
import { superblockAt, wideNumber } from "../../structures/ext4/superblock.ts";
import type { RecordField } from "../../structures/record.ts";
import { badImage } from "../../base/image-faults.ts";
import type { ExtSuperblock } from "./superblock.ts";

/** Where a group's own blocks stand. */
interface ExtGroup {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
}

/**
 * Reads the descriptors of groups, each when it is asked for: a superblock can claim millions.
 *
 * Source: kernel.org, filesystems/ext4, "Meta Block Groups".
 */
export class GroupReader {
  readonly #bytes: DiskBytes;
  readonly #superblock: ExtSuperblock;

  constructor(bytes: DiskBytes, superblock: ExtSuperblock) {
    this.#bytes = bytes;
    this.#superblock = superblock;
  }

  /** @throws MkimageError BAD_IMAGE when there is no such group. */
  read(group: number): ExtGroup {
    const { blockSize, descriptorSize, groups } = this.#superblock;
    if (group >= groups) throw badImage(`there is no group ${group}`);
    const perBlock = Math.floor(blockSize / descriptorSize);
    const block = descriptorBlock(this.#superblock, Math.floor(group / perBlock), perBlock);
    return groupOf(this.#bytes.peek(block * blockSize + (group % perBlock) * descriptorSize, descriptorSize));
  }
}

/** Whether a group begins with a copy of the superblock. */
export function hasCopy({ hasSparseCopies }: ExtSuperblock, group: number): boolean {
  return !hasSparseCopies || hasSuperblock(group);
}

/** The block with the superblock; with clusters, blocks of 1 KiB are counted from 0 as all others are. */
export function superblockBlock({ blockSize }: ExtSuperblock): number {
  return Math.floor(superblockAt / blockSize);
}

/** All descriptors stand behind the superblock; with meta groups, those of a block's worth of groups in the first of these. */
function descriptorBlock(superblock: ExtSuperblock, index: number, perBlock: number): number {
  const { firstDataBlock, blocksPerGroup, hasMetaGroups, firstMetaGroup } = superblock;
  if (!hasMetaGroups || index < firstMetaGroup) return superblockBlock(superblock) + 1 + index;
  const group = index * perBlock;
  if (group === 0) return superblockBlock(superblock) + 1;
  return firstDataBlock + group * blocksPerGroup + (hasCopy(superblock, group) ? 1 : 0);
}

function groupOf(descriptor: Buffer): ExtGroup {
  const isWide = descriptor.length >= wideDescriptorSize;
  const number = (low: RecordField<number>, high: RecordField<number>): number =>
    wideNumber(low.read(descriptor), isWide ? high.read(descriptor) : 0);
  return {
    blockBitmap: number(groupDescriptor.blockBitmap, groupDescriptor.blockBitmapHigh),
    inodeBitmap: number(groupDescriptor.inodeBitmap, groupDescriptor.inodeBitmapHigh),
    inodeTable: number(groupDescriptor.inodeTable, groupDescriptor.inodeTableHigh),
  };
}
