import { type Bytes, TiB } from "../../base/units.ts";
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
  { signal, reporter }: WriteOptions,
): Promise<void> {
  return reporter.task(`Writing the ${name} image`, (task) =>
    writeQcow2(imageOf(disk), target, { compression, signal, onProgress: task.progress }),
  );
}

/** Source: QEMU, docs/interop/qcow2.txt. The first version of the format begins in the same way. */
function backingOfQcow(head: Buffer): string | undefined {
  if (head.toString("latin1", 0, 4) !== "QFI\xfb" || head.readBigUInt64BE(8) === 0n) return undefined;
  const [start, length] = [Number(head.readBigUInt64BE(8)), head.readUInt32BE(16)];
  return head.toString("utf8", start, Math.min(start + length, headLength)) || "a backing file";
}

const externalData = 4n;

function dataOfQcow(head: Buffer): string | undefined {
  const isQcow = head.toString("latin1", 0, 4) === "QFI\xfb" && head.readUInt32BE(4) >= 3;
  return isQcow && (head.readBigUInt64BE(72) & externalData) !== 0n ? "an external data file" : undefined;
}
