import { MiB } from "../../base/units.ts";
import type { GuestMadeKind } from "../guest-made/kind.ts";

/**
 * Bcachefs: superblocks, journal and B-trees, and the share that it keeps free to move data.
 *
 * Estimated, not measured: the default `gc_reserve_percent` of 8, a journal of 1/128, and 1024 bytes of B-tree for each
 * inode with its name.
 *
 * Source: bcachefs(8), "gc_reserve_percent"; its Principles of Operation.
 */
export const bcachefsSpace: GuestMadeKind = {
  tool: "bcachefs",
  minimum: 128 * MiB,
  freeBytes: ({ inodes, nameBytes, dataBytes, attributeBytes }, size) =>
    size * (1 - 0.08 - 1 / 128) - emptyTrees - (inodes * 1024 + 2 * nameBytes + attributeBytes) - dataBytes * 1.02,
};

const emptyTrees = 32 * MiB;
