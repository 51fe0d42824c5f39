import { constants } from "node:zlib";
import type { Bytes } from "../../base/units.ts";
import type { ClusterCoder } from "./cluster-coder.ts";
import { ZlibStream } from "./zlib-stream.ts";

/** The window bits with which QEMU inflates: 2^12 bytes; the minus stands for raw deflate, without a header. */
const windowBits = -12;
/** The most that there is: a tenth faster than zlib's choice, and a little smaller. */
const memoryLevel = 9;

const { Z_DEFAULT_COMPRESSION, Z_DEFAULT_STRATEGY } = constants;
const deflated = 8;
/** Level, method, window bits, memory level and strategy. */
export const deflateSettings = [Z_DEFAULT_COMPRESSION, deflated, windowBits, memoryLevel, Z_DEFAULT_STRATEGY] as const;

/** One raw deflate stream a cluster, at zlib's default level. */
export class DeflateCoder implements ClusterCoder {
  readonly #stream: ZlibStream;

  constructor() {
    this.#stream = new ZlibStream({ name: "deflate", types: "int, int, int, int, int", settings: deflateSettings });
  }

  compress(cluster: Uint8Array, target: Uint8Array): Bytes | undefined {
    const { result, length } = this.#stream.finish(cluster, target);
    return result === constants.Z_STREAM_END ? length : undefined;
  }
}
