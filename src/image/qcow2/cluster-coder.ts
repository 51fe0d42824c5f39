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

  constructor(compression: Exclude<Compression, "none">) {
    [this.#stream, this.#restart] = streams[compression]();
    this.#stream.on("data", (piece: Buffer) => this.#pieces.push(piece));
    // Who has written hears of it; without a listener it would end the thread.
    this.#stream.on("error", () => {});
  }

  /** Call it again only when the promise has settled. */
  async compress(cluster: Uint8Array): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#stream.write(cluster, (error) => (error ? reject(error) : resolve()));
    await promise;
    this.#restart();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
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
