import type { FilledFilesystem } from "../guest/fill-job.ts";
import type { Bytes } from "../layout/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { emptyDirectory } from "../manifest/tree.ts";
import { diskSerial } from "./disk-serial.ts";
import type { ImagePlan, PlannedFilesystem } from "./image-plan.ts";
import { folderOwnership } from "./manifests.ts";
import { partitionOf } from "./partition-of.ts";

/** Whether a guest has to make some of the filesystems of an image. */
export function needsFilling(plan: ImagePlan): boolean {
  return plan.filesystems.some(isFilled);
}

/** What a guest is told of the filesystems that it makes and fills. */
export function filledFilesystems(plan: ImagePlan): FilledFilesystem[] {
  return plan.filesystems.flatMap(({ filesystem, plan: solved }) => {
    const { place, path, mountpoint, format: type } = filesystem;
    if (solved.madeBy !== "guest" || place === null) return [];
    const number = partitionOf(filesystem, plan.layout);
    const title = mountpoint ?? path;
    const partition = number === undefined ? {} : { partition: number };
    return [{ disk: diskSerial(place.disk), ...partition, type, format: solved.format, title }];
  });
}

/** The files of those filesystems as one tree: a folder for each, by its number in `filledFilesystems`. */
export function filesToFill(plan: ImagePlan, time: number): DirectoryInode {
  const folders = plan.filesystems.filter(isFilled).map(({ files }, index) => [String(index), files] as const);
  return { ...emptyDirectory(folderOwnership(time)), entries: new Map(folders) };
}

/** The plan with what a guest found to be free, in the order of `filledFilesystems`. */
export function withFreeSpace(plan: ImagePlan, free: readonly Bytes[]): ImagePlan {
  const waiting = [...free];
  const filesystems = plan.filesystems.map((planned): PlannedFilesystem => {
    if (!isFilled(planned)) return planned;
    return { ...planned, plan: { ...planned.plan, freeBytes: waiting.shift() ?? planned.plan.freeBytes } };
  });
  return { ...plan, filesystems };
}

function isFilled({ filesystem, plan }: PlannedFilesystem): boolean {
  return plan.madeBy === "guest" && filesystem.place !== null;
}
