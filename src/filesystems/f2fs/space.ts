import { type Bytes, MiB } from "../../base/units.ts";
import type { Census } from "../guest-made/census.ts";
import { interpolate } from "../guest-made/interpolate.ts";
import type { GuestMadeKind } from "../guest-made/kind.ts";

/**
 * F2FS: checkpoints, tables of nodes and segments, and what is set aside for cleaning.
 *
 * Measured with mkfs.f2fs 1.15 and 1.16: size − user_block_count × 4096 in its checkpoint (which f_bavail is, less the
 * blocks of files), from the least size that each makes to 1 TiB. 1.16 sets half as much aside, and no argument (`-o`) makes
 * both leave the same.
 *
 * @param version of mkfs.f2fs. An unknown one is taken for the newest: too little free space is noticed and made up for.
 */
export function f2fsSpace(version: string | undefined): GuestMadeKind {
  const measured = isBefore116(version) ? before116 : since116;
  return {
    tool: "mkfs.f2fs",
    minimum: measured[0][0] * MiB,
    freeBytes: (census, size) => size - overheadOf(size, measured) - usedBy(census),
  };
}

function isBefore116(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  return version !== undefined && (major < 1 || (major === 1 && minor < 16));
}

/** MiB of a filesystem, and how many of them it keeps for itself. */
type Measured = readonly [readonly [number, number], ...(readonly (readonly [number, number])[])];

const before116: Measured = [
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
];

/** The upper edge of what goes up and down by up to 8 MiB. */
const since116: Measured = [
  [44, 37],
  [60, 38],
  [100, 41],
  [128, 44],
  [200, 48],
  [256, 53],
  [320, 56],
  [420, 58],
  [470, 64],
  [524, 66],
  [700, 66],
  [1000, 77],
  [1400, 88],
  [2048, 101],
  [4096, 141],
  [8192, 205],
  [16384, 312],
  [32768, 490],
  [49152, 640],
  [65536, 753],
  [131072, 1055],
  [262144, 1530],
  [524288, 2400],
  [1048576, 3780],
];

function overheadOf(size: Bytes, measured: Measured): Bytes {
  return Math.ceil(interpolate(measured, size / MiB)) * MiB;
}

const block = 4096;

function usedBy({ inodes, dataBytes, tiny, folderBytes, attributeBytes }: Census): Bytes {
  // Each inode has a block of its own, which small contents fit into; a node leads to about a thousand blocks of data.
  // Folders are hashed into more blocks than their names need.
  const data = dataBytes - tiny.dataBytes;
  return inodes * block + data * (1 + 1 / 1000) + 2 * folderBytes + attributeBytes;
}
