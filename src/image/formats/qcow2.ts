import { type Bytes, TiB } from "../../base/units.ts";
import { type DiskSource, imageOf } from "../disk-source.ts";
import { writeQcow2 } from "../qcow2/write.ts";
import type { ImageFormat, WriteOptions } from "./format.ts";

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

function write(
  name: string,
  compression: "none" | "zlib" | "zstd",
  disk: DiskSource,
  target: string,
  { signal, reporter }: WriteOptions,
): Promise<void> {
  return reporter.task(`Writing the ${name} image`, (task) =>
    writeQcow2(imageOf(disk), target, { compression, signal, onProgress: task.progress }),
  );
}
