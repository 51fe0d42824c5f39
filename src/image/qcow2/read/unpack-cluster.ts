import { constants } from "node:zlib";
import { MkimageError } from "../../../base/errors.ts";
import type { Bytes } from "../../../base/units.ts";
import { native } from "../../../runtime/native.ts";
import { ZlibStream } from "../zlib-stream.ts";

/** The most that deflate has: QEMU looks back in the whole cluster, whatever window it asks for. The minus: no header. */
const windowBits = -15;

/**
 * Unpacks one cluster of `size` bytes. What is behind it in `packed` belongs to others.
 *
 * @throws MkimageError BAD_IMAGE.
 */
export function unpackCluster(packed: Buffer, size: Bytes, compression: "zlib" | "zstd"): Buffer {
  const cluster = compression === "zstd" ? unzstd(packed, size) : inflate(packed, size);
  if (cluster?.length === size) return cluster;
  throw new MkimageError("BAD_IMAGE", "a compressed cluster of the image is damaged");
}

/** A stream that goes on when the cluster is full is as good as one that ends, as for QEMU; Node's own call refuses it. */
function inflate(packed: Buffer, size: Bytes): Buffer | undefined {
  inflating ??= new ZlibStream({ name: "inflate", types: "int", settings: [windowBits] });
  const cluster = Buffer.alloc(size);
  const { result, length } = inflating.finish(packed, cluster);
  const isTaken = result === constants.Z_STREAM_END || result === constants.Z_BUF_ERROR;
  return isTaken ? cluster.subarray(0, length) : undefined;
}

let inflating: ZlibStream | undefined;

/** Node's own call takes what is behind a frame for the next one. */
function unzstd(packed: Buffer, size: Bytes): Buffer | undefined {
  const { frameLength, decompress } = zstd();
  const length = Number(frameLength(packed, packed.length));
  // An error is a number near the end of all numbers.
  if (length > packed.length) return undefined;
  const cluster = Buffer.alloc(size);
  return Number(decompress(cluster, size, packed, length)) === size ? cluster : undefined;
}

interface Zstd {
  readonly frameLength: (source: Buffer, length: number) => number | bigint;
  readonly decompress: (target: Buffer, size: number, source: Buffer, length: number) => number | bigint;
}

let loaded: Zstd | undefined;

/** Source: zstd.h of zstd 1.4 and later. */
function zstd(): Zstd {
  return (loaded ??= {
    frameLength: native().func("size_t ZSTD_findFrameCompressedSize(void *, size_t)"),
    decompress: native().func("size_t ZSTD_decompress(void *, size_t, void *, size_t)"),
  });
}
