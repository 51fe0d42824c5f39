import { type Bytes, MiB } from "../../base/units.ts";
import type { Census } from "../guest-made/census.ts";
import { interpolate } from "../guest-made/interpolate.ts";
import type { GuestMadeKind } from "../guest-made/kind.ts";

/**
 * F2FS: checkpoints, tables of nodes and segments, and what is set aside for cleaning.
 *
 * Measured with mkfs.f2fs 1.15: size − user_block_count × 4096 in its checkpoint (which f_bavail is, less the blocks of
 * files), from 52 MiB, the least size that it makes, to 1 TiB.
 */
export const f2fsSpace: GuestMadeKind = {
  tool: "mkfs.f2fs",
  minimum: 52 * MiB,
  freeBytes: (census, size) => size - overheadOf(size) - usedBy(census),
};

const measured = [
  [52, 44],
  [60, 48],
  [100, 60],
  [128, 66],
  [200, 78],
  [256, 86],
  [400, 104],
  [512, 116],
  [700, 128],
  [1000, 156],
  [2048, 214],
  [4096, 302],
  [8192, 434],
  [16384, 634],
  [32768, 950],
  [65536, 1406],
  [131072, 1958],
  [262144, 2812],
  [1048576, 6396],
] as const;

function overheadOf(size: Bytes): Bytes {
  return Math.ceil(interpolate(measured, size / MiB)) * MiB;
}

const block = 4096;

function usedBy({ inodes, dataBytes, tiny, folderBytes, attributeBytes }: Census): Bytes {
  // Each inode has a block of its own, which small contents fit into; a node leads to about a thousand blocks of data.
  // Folders are hashed into more blocks than their names need.
  const data = dataBytes - tiny.dataBytes;
  return inodes * block + data * (1 + 1 / 1000) + 2 * folderBytes + attributeBytes;
}
