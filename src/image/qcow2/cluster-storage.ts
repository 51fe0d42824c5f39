import { ClusterCoder } from "./cluster-coder.ts";
import { clusterSize, type Compression } from "./format.ts";

/** Finds the form in which clusters are stored, several at a time. */
export class ClusterStorage implements Disposable {
  readonly #coders: readonly ClusterCoder[];
  readonly #idle: ClusterCoder[];
  readonly #waiting: ((coder: ClusterCoder) => void)[] = [];

  constructor(compression: Compression, coders: number) {
    this.#coders = compression === "none" ? [] : Array.from({ length: coders }, () => new ClusterCoder(compression));
    this.#idle = [...this.#coders];
  }

  /**
   * The stored form, in the cluster's own memory: shorter than the cluster if it is compressed, the cluster itself if not,
   * nothing if it is all zeros.
   */
  async stored(cluster: Uint8Array): Promise<Uint8Array | undefined> {
    if (isZero(cluster)) return undefined;
    if (this.#coders.length === 0) return cluster;
    const coder = this.#idle.pop() ?? (await this.#nextCoder());
    try {
      return cluster.subarray(0, await coder.compress(cluster));
    } finally {
      this.#giveBack(coder);
    }
  }

  [Symbol.dispose](): void {
    for (const coder of this.#coders) coder[Symbol.dispose]();
  }

  #nextCoder(): Promise<ClusterCoder> {
    const { promise, resolve } = Promise.withResolvers<ClusterCoder>();
    this.#waiting.push(resolve);
    return promise;
  }

  #giveBack(coder: ClusterCoder): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(coder);
    else next(coder);
  }
}

const zeros = Buffer.alloc(clusterSize);

function isZero(cluster: Uint8Array): boolean {
  return cluster[0] === 0 && zeros.equals(cluster);
}
