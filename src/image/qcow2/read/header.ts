import type { Bytes } from "../../../base/units.ts";

/** The part of a qcow2's header that says where its disk's bytes are. */
export interface Qcow2Header {
  readonly size: Bytes;
  readonly clusterBits: number;
  readonly l1Offset: Bytes;
  readonly l1Entries: number;
  readonly compression: "zlib" | "zstd";
  /** Whether a bit of an entry says that its cluster reads as zeros. */
  readonly knowsZeros: boolean;
}

/** It may be dirty, that is, its refcounts may be wrong, which concerns who writes. */
const dirty = 1n;
const compressionType = 1n << 3n;
const compressions = ["zlib", "zstd"] as const;
/** QEMU's own limits. */
const [leastBits, mostBits] = [9, 21];

/**
 * Reads the beginning of a file; `undefined` for what is no qcow2 whose clusters stand in it as they are, or compressed: one
 * that takes bytes from other files, is encrypted, or has parts of clusters.
 *
 * Source: QEMU, docs/interop/qcow2.txt, versions 2 and 3.
 */
export function readQcow2Header(head: Buffer): Qcow2Header | undefined {
  if (head.toString("latin1", 0, 4) !== "QFI\xfb") return undefined;
  const version = head.readUInt32BE(4);
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n;
  const isPlain = head.readBigUInt64BE(8) === 0n && head.readUInt32BE(32) === 0;
  if (![2, 3].includes(version) || !isPlain || (features & ~(dirty | compressionType)) !== 0n) return undefined;
  const compression = compressions[(features & compressionType) === 0n ? 0 : (head[104] ?? 0)];
  const clusterBits = head.readUInt32BE(20);
  if (compression === undefined || clusterBits < leastBits || clusterBits > mostBits) return undefined;
  return {
    size: Number(head.readBigUInt64BE(24)),
    clusterBits,
    l1Offset: Number(head.readBigUInt64BE(40)),
    l1Entries: head.readUInt32BE(36),
    compression,
    knowsZeros: version === 3,
  };
}
