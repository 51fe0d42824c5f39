import type { ByteString } from "../../base/byte-string.ts";
import { superblockAt, superblockLength } from "../../structures/ext4/superblock.ts";
import { printablePath } from "../printable.ts";
import type { Structure } from "../filesystem.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { Faults } from "../../base/image-faults.ts";
import { GroupReader, hasCopy, superblockBlock } from "./groups.ts";
import type { ExtSuperblock } from "./superblock.ts";

/** Lists the metadata of every block group: copies of superblock and group descriptors, bitmaps, and the inode table. */
export function ownStructures(
  bytes: DiskBytes,
  superblock: ExtSuperblock,
  paths: ReadonlyMap<number, ByteString>,
): Structure[] {
  const { blockSize, inodesPerGroup, inodeSize } = superblock;
  const named = (block: number, name: string): Structure => ({
    offset: block * blockSize,
    length: blockSize,
    describe: () => name,
  });
  return groupsOf(bytes, superblock).flatMap(({ group, blockBitmap, inodeBitmap, inodeTable }) => [
    ...superblocks(superblock, group, superblock.groups),
    named(blockBitmap, `the block bitmap of group ${group}`),
    named(inodeBitmap, `the inode bitmap of group ${group}`),
    {
      offset: inodeTable * blockSize,
      length: inodesPerGroup * inodeSize,
      describe: (at) => {
        const number = group * inodesPerGroup + Math.floor((at - inodeTable * blockSize) / inodeSize) + 1;
        const path = paths.get(number);
        return path === undefined ? `inode ${number}` : `the inode of ${printablePath(path)} (number ${number})`;
      },
    },
  ]);
}

/** As far as they can be read. */
function groupsOf(bytes: DiskBytes, superblock: ExtSuperblock) {
  const reader = new GroupReader(bytes, superblock);
  const read = (group: number) => new Faults().attempt("", () => ({ group, ...reader.read(group) }));
  return Array.from({ length: superblock.groups }, (_, group) => read(group) ?? []).flat();
}

function superblocks(superblock: ExtSuperblock, group: number, groups: number): Structure[] {
  if (!hasCopy(superblock, group)) return [];
  const { blockSize, firstDataBlock, blocksPerGroup, descriptorSize, hasMetaGroups } = superblock;
  const first = group === 0 ? superblockBlock(superblock) : firstDataBlock + group * blocksPerGroup;
  const start = first * blockSize;
  const offset = group === 0 ? superblockAt : start;
  const what = group === 0 ? "the superblock" : `the copy of the superblock in group ${group}`;
  const copy: Structure = { offset, length: superblockLength, describe: () => what };
  if (hasMetaGroups) return [copy];
  const descriptors = group === 0 ? "the group descriptors" : `the copy of the group descriptors in group ${group}`;
  const length = Math.ceil((groups * descriptorSize) / blockSize) * blockSize;
  const describe = (): string => descriptors;
  return [copy, { offset: start + blockSize, length, describe }];
}
