import { emptyInstallation } from "../../bootloaders/installation.ts";
import { mountTable } from "../../devices/tree/mount-table.ts";
import { surveyFilesystem } from "../../filesystems/lay-out.ts";
import type { ToolVersions } from "../../filesystems/survey.ts";
import { countNames } from "../../manifest/tree.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import type { Blueprint } from "./blueprint.ts";
import { filesOf, mountsOf } from "./filesystem-survey.ts";
import type { ImagePlan, PlannedFilesystem } from "./image-plan.ts";
import { manifestsOf } from "./manifests.ts";

/** The decisions by which an image was planned. */
interface DraftedImage {
  readonly blueprint: Blueprint;
  readonly versions: ToolVersions;
}

/**
 * An image as it is before a system is installed on it: the layout of the whole, with nothing in it but some files, and
 * with inodes for all that come. Pure.
 *
 * @throws MkimageError as `layOut` of its filesystems.
 */
export function beforeInstallation(drafted: DraftedImage, plan: ImagePlan, files: DirectoryInode): ImagePlan {
  const { tree, time } = drafted.blueprint;
  const { kept } = manifestsOf(files, mountTable(tree), emptyInstallation, time);
  return { ...plan, filesystems: plan.filesystems.map((planned) => refilled(planned, kept, drafted, plan)) };
}

function refilled(
  { filesystem, files: whole }: PlannedFilesystem,
  kept: ReadonlyMap<string, DirectoryInode>,
  { blueprint: { identity, time }, versions }: DraftedImage,
  { layout }: ImagePlan,
): PlannedFilesystem {
  const remaining = mountsOf(filesystem, kept, time);
  const files = filesOf(remaining, time);
  const sectorSize = layout.disks.find(({ name }) => name === filesystem.place?.disk)?.sectorSize ?? 512;
  const inodes = Math.ceil(countNames(whole) * 1.1);
  const plan = surveyFilesystem(filesystem, files, { identity, time, sectorSize, versions, inodes }).layOut(filesystem);
  return { filesystem, files, mounts: remaining, plan };
}
