import type { Bytes } from "../../base/units.ts";
import { be32, be64, latin1, u8 } from "../fields.ts";

/**
 * The beginning of a qcow2 file. What begins with the incompatible features has version 3 only.
 *
 * Source: QEMU, docs/interop/qcow2.txt, "Header".
 */
export const qcow2Header = {
  /** `qcow2Magic`. The first version of the format begins in the same way, up to the backing file. */
  magic: latin1(0, 4),
  version: be32(4),
  /** Where the name of the backing file stands in this file; 0 where there is none. */
  backingFileAt: be64(8),
  /** The bytes of that name. */
  backingFileLength: be32(16),
  /** The binary logarithm of a cluster's bytes. */
  clusterBits: be32(20),
  /** Bytes of the disk. */
  size: be64(24),
  /** 0: the clusters are not encrypted. */
  encryption: be32(32),
  l1Entries: be32(36),
  /** Where the L1 table begins in the file. */
  l1At: be64(40),
  /** Where the refcount table begins in the file. */
  refcountTableAt: be64(48),
  refcountTableClusters: be32(56),
  /** Bits of `qcow2Incompatible`. */
  incompatibleFeatures: be64(72),
  /** The binary logarithm of a refcount's bits. */
  refcountOrder: be32(96),
  /** The bytes of the header, behind which its extensions begin. */
  headerLength: be32(100),
  /** One of `qcow2CompressionTypes`. */
  compressionType: u8(104),
} as const;

export const qcow2Magic = "QFI\xfb";
/** The version that has features. */
export const qcow2Version = 3;
/** The bytes of a header with all of these fields, in whole words of 64 bits. */
export const qcow2HeaderLength: Bytes = 112;

/** Features that a reader must know, or leave the file alone. Source: as above. */
export const qcow2Incompatible = { dirty: 1n << 0n, externalData: 1n << 2n, compressionType: 1n << 3n } as const;
export const qcow2CompressionTypes = { zlib: 0, zstd: 1 } as const;
