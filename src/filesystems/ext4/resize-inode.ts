import type { ExtAllocation } from "./allocate.ts";
import { blockNumberLength, directBlocks } from "../../structures/ext4/inode.ts";
import { blockSize } from "./geometry.ts";

const addresses = blockSize / blockNumberLength;
const doubleIndirect = directBlocks + 1;

/** The size that the resize inode claims: all that direct, indirect and doubly indirect blocks can reach. */
export const resizeInodeSize = (addresses * addresses + addresses + directBlocks) * blockSize;

/**
 * Blocks that the inode counts: the one with the addresses of the reserved blocks, those, and their copies.
 */
export function resizeInodeBlocks({ geometry, groups }: ExtAllocation): number {
  return 1 + geometry.reservedDescriptorBlocks * groups.superblockGroups.length;
}

/** Writes the inode's block area from word `at` on: one doubly indirect block, which is at the first place. */
export function writeResizeArea(table: Uint32Array, at: number, { space }: ExtAllocation): void {
  table[at + doubleIndirect] = space.blockAt(0);
}

/** The doubly indirect block: the addresses of the reserved descriptor blocks behind the primary superblock. */
export function resizeAddressBlock({ geometry }: ExtAllocation): Buffer {
  const block = Buffer.alloc(blockSize);
  for (let index = 0; index < geometry.reservedDescriptorBlocks; index += 1) {
    const descriptor = geometry.descriptorBlocks + index;
    block.writeUInt32LE(1 + descriptor, blockNumberLength * (descriptor % addresses));
  }
  return block;
}

/** The reserved blocks themselves: each has the addresses of its copies in the groups that have a superblock. */
export function reservedDescriptors({ geometry, groups }: ExtAllocation): Buffer {
  const blocks = Buffer.alloc(geometry.reservedDescriptorBlocks * blockSize);
  for (let index = 0; index < geometry.reservedDescriptorBlocks; index += 1) {
    const primary = 1 + geometry.descriptorBlocks + index;
    groups.superblockGroups.slice(1).forEach((group, copy) => {
      blocks.writeUInt32LE(group * geometry.blocksPerGroup + primary, index * blockSize + blockNumberLength * copy);
    });
  }
  return blocks;
}
