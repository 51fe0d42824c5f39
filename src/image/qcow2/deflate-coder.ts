import { constants } from "node:zlib";
import type { Bytes } from "../../base/units.ts";
import { native } from "../../runtime/native.ts";
import type { ClusterCoder } from "./cluster-coder.ts";

/** The window bits with which QEMU inflates: 2^12 bytes; the minus stands for raw deflate, without a header. */
const windowBits = -12;
/** The most that there is: a tenth faster than zlib's choice, and a little smaller. */
const memoryLevel = 9;

/** `struct z_stream` where pointers and `long` have 64 bits: in words of 64 bits, and of 32. */
const streamLength = 112;
const nextIn = 0;
const availableIn = 2;
const nextOut = 3;
const availableOut = 8;

/** One raw deflate stream a cluster, at zlib's default level. Source: zlib.h of zlib 1.2 and later. */
export class DeflateCoder implements ClusterCoder {
  readonly #deflate = native().func("int deflate(void *, int)");
  readonly #reset = native().func("int deflateReset(void *)");
  readonly #pointers = new BigUint64Array(streamLength / 8);
  readonly #counts = new Uint32Array(this.#pointers.buffer);

  constructor() {
    const begin = native().func("int deflateInit2_(void *, int, int, int, int, int, const char *, int)");
    const { Z_DEFAULT_COMPRESSION, Z_DEFAULT_STRATEGY } = constants;
    const deflated = 8;
    // zlib compares only the first digit of its version.
    const given = [Z_DEFAULT_COMPRESSION, deflated, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, "1", streamLength];
    const result: number = begin(this.#pointers, ...given);
    if (result !== constants.Z_OK) throw new Error(`zlib's deflateInit2 gave ${result}`);
  }

  compress(cluster: Uint8Array, target: Uint8Array): Bytes | undefined {
    this.#pointers[nextIn] = native().addressOf(cluster);
    this.#counts[availableIn] = cluster.length;
    this.#pointers[nextOut] = native().addressOf(target);
    this.#counts[availableOut] = target.length;
    const result: number = this.#deflate(this.#pointers, constants.Z_FINISH);
    const length = target.length - (this.#counts[availableOut] ?? 0);
    this.#reset(this.#pointers);
    return result === constants.Z_STREAM_END ? length : undefined;
  }
}
