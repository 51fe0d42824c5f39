import { type Bytes, MiB } from "../../base/units.ts";
import type { Census } from "../guest-made/census.ts";
import { interpolate } from "../guest-made/interpolate.ts";
import type { GuestMadeKind } from "../guest-made/kind.ts";

/**
 * XFS: a log, headers of the allocation groups, and what each group reserves for its trees.
 *
 * Measured with mkfs.xfs 6.1 and Linux 6.18: size − f_bavail of the empty filesystem, mounted, from 300 MiB to 1 TiB. The
 * least size is mkfs.xfs's own.
 */
export const xfsSpace: GuestMadeKind = {
  tool: "mkfs.xfs",
  minimum: 300 * MiB,
  freeBytes: (census, size) => size - overheadOf(size) - usedBy(census),
};

const measured = [
  [300, 84840448],
  [400, 90808320],
  [512, 97497088],
  [600, 102752256],
  [800, 106319872],
  [1024, 107974656],
  [65536, 579616768],
  [1048576, 8232935424],
] as const;

function overheadOf(size: Bytes): Bytes {
  return interpolate(measured, size / MiB);
}

const inodeBytes = 512;
/** Inodes come in groups of 64, some of them in each allocation group. */
const spareInodes = 4 * 64;

function usedBy({ inodes, dataBytes, folderBytes, attributeBytes }: Census): Bytes {
  // Attributes beyond what an inode has room for take blocks of their own.
  return (inodes + spareInodes) * inodeBytes + dataBytes + folderBytes + attributeBytes;
}
