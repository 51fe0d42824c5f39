import { rmSync } from "node:fs";
import { join } from "node:path";
import { programLimits } from "../inspect/budget.ts";
import type { OpenImage } from "../inspect/open-image.ts";
import type { Volume } from "../inspect/read-disk.ts";
import { purposeOf } from "../inspect/purposes.ts";
import { type Bytes, formatSize, MiB } from "../layout/units.ts";
import { run } from "../process/run.ts";
import { type Check, failed, judged, noted } from "./check.ts";
import { subjectOf } from "./volume-of-disk.ts";

/** A partition's filesystem, by the checker that comes with it, and by our own reader. */
export async function checkFilesystem(volume: Volume, image: OpenImage, signal?: AbortSignal): Promise<Check> {
  const { signature, filesystem, fault } = volume;
  const subject = subjectOf(volume);
  const { type } = signature;
  const missing = volume.bytes.start + volume.bytes.size - image.size;
  if (missing > 0) return failed(subject, `the image ends ${missing} bytes before it does`);
  if (fault !== null) return failed(subject, `${type ?? "its content"} cannot be read`, [fault]);
  const broken = brokenPromise(volume);
  if (broken !== undefined) return failed(subject, broken);
  if (filesystem === null) return noted(subject, type === null ? "no filesystem" : `${type}: not checked`);
  if (filesystem.size > volume.bytes.size)
    return failed(subject, `${type} of ${filesystem.size} bytes in ${volume.bytes.size} bytes`);
  const text = `${type}, ${formatSize(filesystem.freeBytes)} free of ${formatSize(filesystem.size)}`;
  const check = await (type === "vfat" ? judgeFat : judgeExt)({ subject, text, volume, image, signal });
  const faults = filesystem.needsRecovery ? [] : filesystem.faults;
  return check.outcome === "ok" && faults.length > 0 ? failed(subject, `${type} has faults`, faults) : check;
}

/** How far into a partition a FAT filesystem has something at the latest. */
const longestBlank = 4 * MiB;

/** Firmware looks for FAT in a partition of this type, whatever else may have been meant; an empty one is no fault. */
function brokenPromise({ partition, signature, bytes }: Volume): string | undefined {
  if (partition === null || purposeOf(partition.type) !== "EFI system" || signature.type === "vfat") return undefined;
  if (signature.type !== null) return `an EFI system partition, which has to be FAT, with ${signature.type} in it`;
  const start = bytes.read(0, Math.min(bytes.size, longestBlank));
  return start.some((byte) => byte !== 0) ? "an EFI system partition that is not empty, and not FAT" : undefined;
}

/** Checks everything and changes nothing; a filesystem inside of an image is named by its offset. */
export function e2fsckArguments(path: string, offset: Bytes): string[] {
  return ["-f", "-n", `${path}?offset=${offset}`];
}

/** Copies a part of a raw file, without its holes. */
export function copyPartArguments(
  source: string,
  { start, size }: { start: Bytes; size: Bytes },
  target: string,
): string[] {
  const part = `driver=raw,offset=${start},size=${size},file.driver=file,file.filename=${source}`;
  return ["convert", "--image-opts", "-O", "raw", part, target];
}

interface Judgement {
  readonly subject: string;
  readonly text: string;
  readonly volume: Volume;
  readonly image: OpenImage;
  readonly signal: AbortSignal | undefined;
}

/** Changes that wait in a journal are no damage: they are carried out on a copy, which is then checked. */
async function judgeExt({ subject, text, volume, image, signal }: Judgement): Promise<Check> {
  if (volume.filesystem?.needsRecovery !== true) {
    return await judged(subject, text, () =>
      run("e2fsck", e2fsckArguments(image.raw, volume.bytes.start), {
        signal,
        limits: programLimits(volume.bytes.realSize),
      }),
    );
  }
  return await withCopy({ volume, image, signal }, async (copy) => {
    await run("e2fsck", ["-y", "-E", "journal_only", copy], { signal, limits: programLimits(volume.bytes.realSize) });
    const clean = `${text}, once its journal is replayed`;
    return await judged(subject, clean, () =>
      run("e2fsck", e2fsckArguments(copy, 0), { signal, limits: programLimits(volume.bytes.realSize) }),
    );
  });
}

/** fsck.vfat knows no offsets. */
async function judgeFat({ subject, text, volume, image, signal }: Judgement): Promise<Check> {
  return await withCopy({ volume, image, signal }, (copy) =>
    judged(subject, text, () =>
      run("fsck.vfat", ["-n", copy], { signal, limits: programLimits(volume.bytes.realSize) }),
    ),
  );
}

async function withCopy<Result>(
  { volume, image, signal }: Pick<Judgement, "volume" | "image" | "signal">,
  use: (copy: string) => Promise<Result>,
): Promise<Result> {
  const copy = join(image.folder, "part.raw");
  try {
    await run("qemu-img", copyPartArguments(image.raw, volume.bytes, copy), { signal });
    return await use(copy);
  } finally {
    rmSync(copy, { force: true });
  }
}
