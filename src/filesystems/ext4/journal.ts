import { blockSize } from "./geometry.ts";

/** The number of the inode that holds the journal. */
export const journalNumber = 8;

const magic = 0xc03b3998;
const superblockVersion2 = 4;

/**
 * The first block of an empty journal, whose other blocks need no content.
 *
 * Source: kernel.org, filesystems/ext4, "Journal (jbd2)", "Super Block". All numbers are big-endian.
 */
export function journalSuperblock(blocks: number, uuid: Uint8Array): Buffer {
  const block = Buffer.alloc(blockSize);
  block.writeUInt32BE(magic, 0);
  block.writeUInt32BE(superblockVersion2, 4);
  block.writeUInt32BE(blockSize, 0x0c);
  block.writeUInt32BE(blocks, 0x10);
  const firstLogBlock = 1;
  block.writeUInt32BE(firstLogBlock, 0x14);
  const firstSequence = 1;
  block.writeUInt32BE(firstSequence, 0x18);
  block.set(uuid, 0x30);
  const users = 1;
  block.writeUInt32BE(users, 0x40);
  return block;
}
