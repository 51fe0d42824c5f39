import { MiB } from "../../base/units.ts";
import type { GuestMadeKind } from "../guest-made/kind.ts";

/**
 * The root of a ZFS pool and its datasets. What the pool keeps to itself is taken off by the layout.
 *
 * Estimated, not measured: of each file a dnode and its part of an indirect block, both kept twice; contents in whole
 * sectors of 4096 bytes. Compression can only help.
 *
 * Source: zpoolprops(7), zfsprops(7) (recordsize, dnodesize, redundant_metadata).
 */
export const zfsSpace: GuestMadeKind = {
  tool: "zpool",
  minimum: 64 * MiB,
  freeBytes: ({ inodes, nameBytes, dataBytes, folderBytes, attributeBytes }, size) =>
    size - emptyPool - 2 * (inodes * 1024 + nameBytes + folderBytes + attributeBytes) - dataBytes * 1.02,
};

const emptyPool = 24 * MiB;
