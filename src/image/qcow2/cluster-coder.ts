import { hash } from "node:crypto";
import type { Bytes } from "../../base/units.ts";
import { DeflateCoder, deflateSettings } from "./deflate-coder.ts";
import type { Compression } from "./format.ts";
import { ZstdCoder, zstdLevel } from "./zstd-coder.ts";

/** Compresses one cluster after the other, each for itself. */
export interface ClusterCoder {
  /**
   * Puts the compressed form of a cluster into `target` and gives its length; nothing where it does not fit, or would fit
   * to the last byte only.
   */
  compress(cluster: Uint8Array, target: Uint8Array): Bytes | undefined;
}

const coders = new Map<Compression, ClusterCoder>();

/**
 * This thread's coder, with native memory that is kept: zlib and zstd are called as they are in Node, at once and without
 * its streams, which take two thirds of zstd's own time on top.
 *
 * @throws MkimageError MISSING_TOOL where this Node does not export them.
 */
export function coderOf(compression: Compression): ClusterCoder {
  const coder = coders.get(compression) ?? makers[compression]();
  coders.set(compression, coder);
  return coder;
}

/** Names all that compressed forms depend on beside their clusters, in letters that a file's name may have. */
export function coderName(compression: Exclude<Compression, "none">): string {
  const { node, zlib, zstd } = process.versions;
  const versions = [settings[compression], node, compression === "zlib" ? zlib : zstd, process.arch];
  return `${compression}-${hash("sha256", versions.join(" ")).slice(0, 16)}`;
}

const settings = { zlib: deflateSettings.join(" "), zstd: `${zstdLevel}` } as const;

const makers: Record<Compression, () => ClusterCoder> = {
  none: () => ({ compress: () => undefined }),
  zlib: () => new DeflateCoder(),
  zstd: () => new ZstdCoder(),
};
