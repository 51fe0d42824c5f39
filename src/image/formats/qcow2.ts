import { type Bytes, TiB } from "../../base/units.ts";
import { qcow2Header, qcow2Incompatible, qcow2Magic, qcow2Version } from "../../structures/qcow2/header.ts";
import type { Lock } from "../../runtime/lock.ts";
import { compressingBuilds } from "../../runtime/threads/thread-pool.ts";
import { takeTurn, type TurnOptions } from "../../runtime/turn.ts";
import type { CacheOptions } from "../cluster-cache/cluster-cache.ts";
import { type DiskSource, imageOf } from "../disk-source.ts";
import { writeQcow2 } from "../qcow2/write.ts";
import { headLength, type ImageFormat, type ImageReader, type WriteOptions } from "./format.ts";

/** The largest disk whose first-level table QEMU reads: 32 MiB of entries of 8 bytes, each for 512 MiB. */
const largest: Bytes = 2048 * TiB;

/** Clusters as they are. */
export const qcow2: ImageFormat = {
  ending: "qcow2",
  driver: "qcow2",
  largest,
  tools: [],
  write: (disk, target, options) => write("qcow2", "none", disk, target, options),
};

/** Each cluster compressed, by zlib or zstd. */
export const qcow2Compressed: ImageFormat = {
  ...qcow2,
  write: (disk, target, options) => write("qcow2-compressed", options.compression, disk, target, options),
};

export const qcow2Reader: ImageReader = {
  endings: [".qcow2"],
  isCheckable: true,
  readsPastEnd: false,
  references: (head) => backingOfQcow(head) ?? dataOfQcow(head),
};

function write(
  name: string,
  compression: "none" | "zlib" | "zstd",
  disk: DiskSource,
  target: string,
  { signal, reporter, clusterCache }: WriteOptions,
): Promise<void> {
  return reporter.task(`Writing the ${name} image`, async (task) => {
    const onWait = () => task.detail("waiting for another build that compresses");
    const turn = compression === "none" ? undefined : await turnWith(clusterCache, { signal, onWait });
    try {
      const options = { compression, cache: clusterCache, signal, onProgress: task.progress };
      await writeQcow2(imageOf(disk), target, options);
    } finally {
      turn?.release();
    }
  });
}

/** Builds that share a cache compress in turn: the next one finds there what it would else have compressed as well. */
async function turnWith(cache: CacheOptions | undefined, options: TurnOptions): Promise<Lock | undefined> {
  if (cache === undefined) return undefined;
  return takeTurn({ folder: cache.folder, name: "compressing", places: compressingBuilds }, options);
}

/** The first version of the format begins in the same way. */
function backingOfQcow(head: Buffer): string | undefined {
  if (!isQcow(head) || qcow2Header.backingFileAt.read(head) === 0n) return undefined;
  const [start, length] = [Number(qcow2Header.backingFileAt.read(head)), qcow2Header.backingFileLength.read(head)];
  return head.toString("utf8", start, Math.min(start + length, headLength)) || "a backing file";
}

function dataOfQcow(head: Buffer): string | undefined {
  if (!isQcow(head) || qcow2Header.version.read(head) < qcow2Version) return undefined;
  const features = qcow2Header.incompatibleFeatures.read(head);
  return (features & qcow2Incompatible.externalData) !== 0n ? "an external data file" : undefined;
}

function isQcow(head: Buffer): boolean {
  return qcow2Header.magic.read(head) === qcow2Magic;
}
