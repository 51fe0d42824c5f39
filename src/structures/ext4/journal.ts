import { be32, raw } from "../fields.ts";

/**
 * The first block of a journal. All numbers are big-endian.
 *
 * Source: kernel.org, filesystems/ext4, "Journal (jbd2)", "Super Block".
 */
export const journalSuperblockFields = {
  /** `journalMagic`. */
  magic: be32(0x00),
  /** `journalSuperblockV2`. */
  blockType: be32(0x04),
  blockSize: be32(0x0c),
  /** Blocks of the journal, this one among them. */
  blocks: be32(0x10),
  /** The first block of the log. */
  firstBlock: be32(0x14),
  /** The number of the first transaction. */
  firstSequence: be32(0x18),
  uuid: raw(0x30, 16),
  /** Filesystems that share the journal. */
  users: be32(0x40),
} as const;

export const journalMagic = 0xc03b_3998;
export const journalSuperblockV2 = 4;
