import { renameSync, rmSync, statSync } from "node:fs";
import { convert } from "../image/convert.ts";
import { fileExtent } from "../image/extent.ts";
import type { Image } from "../image/image.ts";
import { writeQcow2 } from "../image/qcow2/write.ts";
import { writeRaw } from "../image/raw.ts";
import type { Identity } from "../layout/identity.ts";
import { byteString } from "../manifest/byte-string.ts";
import type { Request } from "../request/schema.ts";
import type { BuildContext } from "./context.ts";

/** A disk that is about to be written in its final format: as extents, or as a raw file of ours that may be used up. */
export type FinalDisk = Image | { readonly path: string };

/** Writes a disk to `path` in the format of the request. Throws as the sinks do. */
export async function writeFormat(
  disk: FinalDisk,
  path: string,
  request: Request,
  identity: Identity,
  context: BuildContext,
): Promise<void> {
  if (request.format === "qcow2" || request.format === "qcow2-compressed") {
    const compression = request.format === "qcow2" ? "none" : request.compression;
    return context.reporter.task(`Writing the ${request.format} image`, (task) =>
      writeQcow2(imageOf(disk), path, { compression, signal: context.signal, onProgress: task.progress }),
    );
  }
  if (request.format === "raw") return writeRawFile(disk, path, context);
  const raw = `${path}.raw`;
  await writeRawFile(disk, raw, context);
  const conversion = { source: raw, target: path, format: request.format };
  const { size } = statSync(raw);
  await context.reporter.task(`Converting the image to ${request.format}`, (task) =>
    convert(
      conversion,
      size,
      { ...identity, time: context.time },
      { signal: context.signal, onProgress: task.progress },
    ),
  );
  rmSync(raw);
}

async function writeRawFile(disk: FinalDisk, path: string, context: BuildContext): Promise<void> {
  if ("path" in disk) return renameSync(disk.path, path);
  await context.reporter.task("Writing the image", (task) =>
    writeRaw(disk, path, { signal: context.signal, onProgress: task.progress }),
  );
}

/** A disk as extents, whatever it is. */
export function imageOf(disk: FinalDisk): Image {
  if (!("path" in disk)) return disk;
  const { size } = statSync(disk.path);
  return { size, extents: [fileExtent(0, size, byteString(disk.path))] };
}
