import { constants, createDeflateRaw, createZstdCompress, type DeflateRaw, type ZstdCompress } from "node:zlib";
import { KiB } from "../../layout/units.ts";
import { clusterSize, type Compression } from "./format.ts";

/**
 * Compresses one cluster after the other, each for itself, on a thread of Node's pool. The native state is used again:
 * setting one up costs more than zstd takes for a cluster, and Node frees it late.
 */
export class ClusterCoder implements Disposable {
  readonly #stream: DeflateRaw | ZstdCompress;
  readonly #restart: () => void;
  #pieces: Buffer[] = [];
  /** What the last piece is a part of. */
  #memory: ArrayBufferLike | undefined;

  constructor(compression: Exclude<Compression, "none">) {
    [this.#stream, this.#restart] = streams[compression]();
    this.#stream.on("data", (piece: Buffer) => this.#pieces.push(piece));
    // Who has written hears of it; without a listener it would end the thread.
    this.#stream.on("error", () => {});
  }

  /**
   * Puts the compressed form of a cluster in its place, where that is shorter, and gives its length; else leaves the cluster
   * as it is. Call it again only when the promise has settled.
   */
  async compress(cluster: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#stream.write(cluster, (error) => (error ? reject(error) : resolve()));
    await promise;
    this.#restart();
    const length = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    let end = 0;
    for (const piece of this.#pieces) {
      if (length < cluster.length) cluster.set(piece, end);
      end += piece.length;
      this.#freeBefore(piece);
    }
    this.#pieces = [];
    return Math.min(length, cluster.length);
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
  }

  /** Memory that the stream has used up: V8 would free it only when there are 64 MiB. */
  #freeBefore({ buffer }: Buffer): void {
    if (this.#memory === buffer) return;
    if (this.#memory instanceof ArrayBuffer) this.#memory.transfer(0);
    this.#memory = buffer;
  }
}

/** How much memory is asked for at once for results. */
const chunkSize = 256 * KiB;

/** What is written is finished at once: one write gives one complete cluster. */
const streams = {
  zlib: (): [DeflateRaw, () => void] => {
    // QEMU inflates with a window of 2^12 bytes and without a header.
    const stream = createDeflateRaw({ windowBits: 12, memLevel: 9, flush: constants.Z_FINISH, chunkSize });
    return [stream, () => stream.reset()];
  },
  zstd: (): [ZstdCompress, () => void] => {
    // Level 3, zstd's own choice, takes a quarter longer and saves one byte of 150.
    const params = {
      [constants.ZSTD_c_compressionLevel]: 2,
      [constants.ZSTD_c_windowLog]: Math.log2(clusterSize),
    };
    // The end of a frame is the beginning of the next.
    return [createZstdCompress({ params, flush: constants.ZSTD_e_end, chunkSize }), () => {}];
  },
};
