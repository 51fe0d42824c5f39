import { constants } from "node:zlib";
import type { Bytes } from "../../base/units.ts";
import { native } from "../../runtime/native.ts";

/** One of zlib's two ways. */
interface ZlibWay {
  readonly name: "deflate" | "inflate";
  /** The types of the settings, for C. */
  readonly types: string;
  readonly settings: readonly number[];
}

/** `struct z_stream` where pointers and `long` have 64 bits: in words of 64 bits, and of 32. */
const streamLength = 112;
const nextIn = 0;
const availableIn = 2;
const nextOut = 3;
const availableOut = 8;

/**
 * A stream of zlib's with native memory that is kept, for one whole piece after the other. Source: zlib.h of zlib 1.2 and
 * later.
 */
export class ZlibStream {
  readonly #run;
  readonly #reset;
  readonly #pointers = new BigUint64Array(streamLength / 8);
  readonly #counts = new Uint32Array(this.#pointers.buffer);

  constructor({ name, types, settings }: ZlibWay) {
    this.#run = native().func(`int ${name}(void *, int)`);
    this.#reset = native().func(`int ${name}Reset(void *)`);
    const begin = native().func(`int ${name}Init2_(void *, ${types}, const char *, int)`);
    // zlib compares only the first digit of its version.
    const result: number = begin(this.#pointers, ...settings, "1", streamLength);
    if (result !== constants.Z_OK) throw new Error(`zlib's ${name}Init2 gave ${result}`);
  }

  /** Puts all that becomes of `source` into `target`, as far as it fits. */
  finish(source: Uint8Array, target: Uint8Array): { readonly result: number; readonly length: Bytes } {
    this.#pointers[nextIn] = native().addressOf(source);
    this.#counts[availableIn] = source.length;
    this.#pointers[nextOut] = native().addressOf(target);
    this.#counts[availableOut] = target.length;
    const result: number = this.#run(this.#pointers, constants.Z_FINISH);
    const length = target.length - (this.#counts[availableOut] ?? 0);
    this.#reset(this.#pointers);
    return { result, length };
  }
}
