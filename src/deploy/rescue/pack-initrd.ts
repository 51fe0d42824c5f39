import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";

/**
 * Packs an initrd as a kernel of this release can unpack it.
 *
 * Source: Linux 5.9, CONFIG_RD_ZSTD; packages of kernels have it, and gzip always.
 */
export function packInitrd(archive: Buffer, release: string): Promise<Buffer> {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  const knowsZstd = major > 5 || (major === 5 && minor >= 9);
  return knowsZstd ? packZstd(archive, { params: zstdParameters }) : promisify(gzip)(archive, { level: 6 });
}

const packZstd = promisify(zstdCompress);

/** The kernel unpacks into all of its memory at once, so that a window of any size does. */
const zstdParameters = { [constants.ZSTD_c_compressionLevel]: 9, [constants.ZSTD_c_checksumFlag]: 0 };
