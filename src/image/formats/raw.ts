import { renameSync } from "node:fs";
import { TiB } from "../../base/units.ts";
import type { DiskSource } from "../disk-source.ts";
import { writeRaw } from "../raw.ts";
import type { ImageFormat, ImageReader, WriteOptions } from "./format.ts";

/** The disk's bytes as they are; what holds nothing is a hole of the file. */
export const raw: ImageFormat = {
  ending: "img",
  driver: "raw",
  // Positions are numbers of 53 bits.
  largest: 8192 * TiB,
  tools: [],
  write: writeRawFile,
};

/** `.img` promises nothing: people give it to images of any format. */
export const rawReader: ImageReader = { endings: [".raw"], isCheckable: false, readsPastEnd: false };

/** Writes a disk into a raw file, which a file of ours only has to be moved for. */
export async function writeRawFile(disk: DiskSource, target: string, options: WriteOptions): Promise<void> {
  if ("path" in disk) return renameSync(disk.path, target);
  const { signal, reflink } = options;
  await options.reporter.task("Writing the image", (task) =>
    writeRaw(disk, target, { signal, reflink, onProgress: task.progress }),
  );
}
