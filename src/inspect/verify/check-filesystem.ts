import type { DiskBytes } from "../../image/disk-bytes.ts";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { copyPartArguments } from "../../machine/copy-part.ts";
import { requireRoom } from "../../image/free-space.ts";
import { isExt } from "../ext4/read-ext.ts";
import { programLimits } from "../../image/reading/program-limits.ts";
import type { OpenImage } from "../../image/reading/open-image.ts";
import type { Volume } from "../read-disk.ts";
import { filesystemPurposes, purposeOf } from "../purposes.ts";
import { type Bytes, formatSize, MiB } from "../../base/units.ts";
import { run } from "../../runtime/run.ts";
import { type Check, failed, judged, noted, unknown } from "./check.ts";
import { isBlank } from "./is-blank.ts";
import { lostFilesystem } from "./lost-filesystem.ts";
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
  if (filesystem === null) return unread(volume);
  if (filesystem.size > volume.bytes.size)
    return failed(subject, `${type ?? "a filesystem"} of ${filesystem.size} bytes in ${volume.bytes.size} bytes`);
  const isExtFilesystem = isExt(volume.bytes);
  const name = type ?? (isExtFilesystem ? "ext" : "vfat");
  const text = `${name}, ${formatSize(filesystem.freeBytes)} free of ${formatSize(filesystem.size)}`;
  const check = await (isExtFilesystem ? judgeExt : judgeFat)({ subject, text, volume, image, signal });
  const faults = filesystem.needsRecovery ? [] : filesystem.faults;
  return check.outcome === "ok" && faults.length > 0 ? failed(subject, `${type} has faults`, faults) : check;
}

/** Nothing that we can read; where there are traces of it, it is damaged. */
function unread(volume: Volume): Check {
  const subject = subjectOf(volume);
  const { type } = volume.signature;
  const lost = type === null ? lostFilesystem(volume.bytes) : undefined;
  if (lost !== undefined) return failed(subject, `there is ${lost}`);
  if (type !== null && readable.test(type)) return failed(subject, `${type} by its mark, and nothing that can be read`);
  if (type !== null) return noted(subject, `${type}: not checked`);
  const { partition, bytes } = volume;
  if (partition === null || isUnused(bytes)) return noted(subject, "no filesystem");
  const purpose = purposeOf(partition.type);
  if (filesystemPurposes.has(purpose))
    return unknown(subject, "its type is that of a filesystem, and what is in it is none that is known");
  return purpose === "other"
    ? unknown(subject, "neither its type nor what is in it is known")
    : noted(subject, "no filesystem");
}

/** The types, as blkid names them, of the filesystems that mkimage reads. */
const readable = /^(ext[234]|vfat)$/;

/** How far into a partition every filesystem has something at the latest. */
const longestBlank = 4 * MiB;

function isUnused(bytes: DiskBytes): boolean {
  return isBlank(bytes, 0, Math.min(bytes.size, longestBlank));
}

/** Firmware looks for FAT in a partition of this type, whatever else may have been meant; an empty one is no fault. */
function brokenPromise({ partition, signature, bytes }: Volume): string | undefined {
  if (partition === null || purposeOf(partition.type) !== "EFI system" || signature.type === "vfat") return undefined;
  if (signature.type !== null) return `an EFI system partition, which has to be FAT, with ${signature.type} in it`;
  return isUnused(bytes) ? undefined : "an EFI system partition that is not empty, and not FAT";
}

/**
 * Checks everything and changes nothing; a filesystem inside of an image is named by its offset. In the file's name a
 * question mark would begin the options.
 */
function e2fsckArguments(name: string, offset: Bytes): string[] {
  return ["-f", "-n", `${name}?offset=${offset}`];
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
  const limits = programLimits(volume.bytes.realSize);
  const check = (name: string, offset: Bytes): Promise<unknown> =>
    run("e2fsck", e2fsckArguments(name, offset), { signal, folder: image.folder, limits });
  const raw = await image.raw.whole();
  if (volume.filesystem?.needsRecovery !== true)
    return await judged(subject, text, () => check(basename(raw), volume.bytes.start));
  return await withCopy({ volume, image, signal }, async (copy) => {
    const replay = ["-y", "-E", "journal_only", copy];
    const replayed = await judged(subject, text, () => run("e2fsck", replay, { signal, folder: image.folder, limits }));
    await requireRoom(image.folder);
    if (replayed.outcome === "failed") return replayed;
    return await judged(subject, `${text}, once its journal is replayed`, () => check(copy, 0));
  });
}

/** fsck.vfat knows no offsets. */
async function judgeFat({ subject, text, volume, image, signal }: Judgement): Promise<Check> {
  return await withCopy({ volume, image, signal }, (copy) =>
    judged(subject, text, () =>
      run("fsck.vfat", ["-n", copy], { signal, folder: image.folder, limits: programLimits(volume.bytes.realSize) }),
    ),
  );
}

const deadlineSeconds = 3600;

/** Tools run in the image's own folder, so that the path to it, which may hold anything, is in none of their arguments. */
async function withCopy<Result>(
  { volume, image, signal }: Pick<Judgement, "volume" | "image" | "signal">,
  use: (copy: string) => Promise<Result>,
): Promise<Result> {
  const copy = "part.raw";
  const { start, size } = volume.bytes;
  try {
    const arguments_ = copyPartArguments(basename(await image.raw.part(start, size)), { start, size }, copy);
    await run("qemu-img", arguments_, { signal, folder: image.folder, deadlineSeconds });
    return await use(copy);
  } finally {
    rmSync(join(image.folder, copy), { force: true });
  }
}
