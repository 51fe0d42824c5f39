import { type Bytes, GiB, MiB } from "../../base/units.ts";
import type { Census } from "../guest-made/census.ts";
import type { GuestMadeKind } from "../guest-made/kind.ts";

/**
 * Btrfs as mkfs.btrfs makes it on one device: data once, metadata twice, in chunks that are given out as they are needed.
 *
 * Measured with mkfs.btrfs 6.2 and Linux 6.18: the chunks of the empty filesystem from 109 MiB to 128 GiB, and `btrfs
 * filesystem df` and size − f_bavail with trees of 1,266, 11,926, 21,307 and 79,331 files in it. The least size is mkfs.btrfs's
 * own.
 */
export const btrfsSpace: GuestMadeKind = {
  tool: "mkfs.btrfs",
  minimum: 109 * MiB,
  freeBytes: (census, size) => size - fixedBytes - 2 * metadataChunks(census, size) - dataOf(census),
};

/** Two system chunks of 8 MiB, and the first MiB. */
const fixedBytes = 17 * MiB;

/** The measured bytes of metadata per inode: its items, those of its name and its extents, and unused room in leaves. */
const metadataOfInode = 650;
/** The kernel keeps 5.5 MiB of the metadata to itself, and gives out a further chunk before the last is full. */
const globalReserve = 8 * MiB;
const fullest = 0.8;

function metadataChunks(census: Census, size: Bytes): Bytes {
  const chunk = metadataChunk(size);
  const { inodes, nameBytes, tiny, attributeBytes, dataBytes } = census;
  const checksums = dataBytes / 1024;
  const used = inodes * metadataOfInode + nameBytes + tiny.contentBytes + attributeBytes + checksums;
  return Math.ceil(Math.max(used + globalReserve, used / fullest) / chunk) * chunk;
}

function metadataChunk(size: Bytes): Bytes {
  if (size > 50 * GiB) return GiB;
  if (size > 2560 * MiB) return 256 * MiB;
  return Math.max(32 * MiB, size / 20);
}

/** Files of up to 2048 bytes are kept in the metadata. */
function dataOf({ dataBytes, tiny }: Census): Bytes {
  return dataBytes - tiny.dataBytes;
}
