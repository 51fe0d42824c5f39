import { journalMagic, journalSuperblockFields, journalSuperblockV2 } from "../../structures/ext4/journal.ts";
import { writeRecord } from "../../structures/record.ts";
import { blockSize } from "./geometry.ts";

/** The first block of an empty journal, whose other blocks need no content. */
export function journalSuperblock(blocks: number, uuid: Uint8Array): Buffer {
  const block = Buffer.alloc(blockSize);
  writeRecord(journalSuperblockFields, block, {
    magic: journalMagic,
    blockType: journalSuperblockV2,
    blockSize,
    blocks,
    firstBlock: 1,
    firstSequence: 1,
    uuid,
    users: 1,
  });
  return block;
}
