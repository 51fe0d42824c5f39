import { type Bytes, roundUp } from "../base/units.ts";
import { checksumProgram } from "./checksum-program.ts";
import { blockSize } from "./checksums.ts";

/**
 * Memory that a device is read into and written from, whose blocks are summed where they lie: a program of WebAssembly sees
 * no other memory than its own. Pieces start on a page, as reads and writes past the cache want it.
 */
export class BlockMemory {
  /** As long as was asked for, rounded up to whole blocks. */
  readonly pieces: readonly Uint8Array[];
  readonly #buffer: ArrayBuffer;
  readonly #checksum: (start: number) => number;

  constructor(count: number, length: Bytes) {
    const whole = roundUp(length, blockSize);
    const pages = (count * whole) / pageSize;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#buffer = memory.buffer;
    this.pieces = Array.from({ length: count }, (_, index) => new Uint8Array(this.#buffer, index * whole, whole));
    const program = new WebAssembly.Module(Buffer.from(checksumProgram, "base64"));
    this.#checksum = new WebAssembly.Instance(program, { block: { memory } }).exports.checksum;
  }

  /** The checksum of each block of a piece's first bytes. The last block is filled up with zeros, in the piece itself. */
  checksums({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
    if (buffer !== this.#buffer) throw new RangeError("only pieces of this memory can be summed");
    const count = Math.ceil(length / blockSize);
    new Uint8Array(buffer, byteOffset).fill(0, length, count * blockSize);
    return Uint32Array.from({ length: count }, (_, index) => this.#checksum(byteOffset + index * blockSize));
  }
}

/** WebAssembly's. */
const pageSize: Bytes = 65536;

/** The part of WebAssembly used here: Node's types leave it to those of a browser. */
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
  readonly Module: new (program: Uint8Array) => object;
  readonly Instance: new (
    program: object,
    imports: object,
  ) => { readonly exports: { readonly checksum: (start: number) => number } };
};
