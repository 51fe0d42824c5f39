import type { Bytes } from "../../../base/units.ts";
import {
  qcow2CompressionTypes,
  qcow2Header,
  qcow2Incompatible,
  qcow2Magic,
  qcow2Version,
} from "../../../structures/qcow2/header.ts";
import { readRecord, type RecordValues } from "../../../structures/record.ts";

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

/** Dirty: its refcounts may be wrong, which concerns who writes. */
const known = qcow2Incompatible.dirty | qcow2Incompatible.compressionType;
/** QEMU's own limits. */
const [leastBits, mostBits] = [9, 21];

/**
 * Reads the beginning of a file; `undefined` for what is no qcow2 whose clusters stand in it as they are, or compressed: one
 * that takes bytes from other files, is encrypted, or has parts of clusters.
 *
 * Source: QEMU, docs/interop/qcow2.txt, versions 2 and 3.
 */
export function readQcow2Header(head: Buffer): Qcow2Header | undefined {
  const { magic, version, backingFileAt, encryption, clusterBits, ...fields } = readRecord(qcow2Header, head);
  const hasFeatures = version === qcow2Version;
  const isPlain = magic === qcow2Magic && backingFileAt === 0n && encryption === 0;
  if (!isPlain || (!hasFeatures && version !== oldVersion)) return undefined;
  const compression = hasFeatures ? compressionOf(fields) : "zlib";
  if (compression === undefined || clusterBits < leastBits || clusterBits > mostBits) return undefined;
  return {
    size: Number(fields.size),
    clusterBits,
    l1Offset: Number(fields.l1At),
    l1Entries: fields.l1Entries,
    compression,
    knowsZeros: hasFeatures,
  };
}

const oldVersion = 2;

type Features = Pick<RecordValues<typeof qcow2Header>, "incompatibleFeatures" | "compressionType">;

/** `undefined` where there is a feature that is unknown here. */
function compressionOf({ incompatibleFeatures, compressionType }: Features): Qcow2Header["compression"] | undefined {
  if ((incompatibleFeatures & ~known) !== 0n) return undefined;
  if ((incompatibleFeatures & qcow2Incompatible.compressionType) === 0n) return "zlib";
  return compressionType === qcow2CompressionTypes.zstd ? "zstd" : undefined;
}
