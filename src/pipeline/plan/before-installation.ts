import { emptyInstallation } from "../../bootloaders/installation.ts";
import { mountTable } from "../../devices/tree/mount-table.ts";
import { surveyFilesystem } from "../../filesystems/lay-out.ts";
import { countNames, emptyDirectory } from "../../manifest/tree.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import type { Blueprint } from "./blueprint.ts";
import { filesOf, type ImagePlan, type PlannedFilesystem } from "./image-plan.ts";
import { folderOwnership, manifestsOf } from "./manifests.ts";

/**
 * An image as it is before a system is installed on it: the layout of the whole, with nothing in it but some files, and
 * with inodes for all that come. Pure.
 *
 * @throws MkimageError as `layOut` of its filesystems.
 */
export function beforeInstallation(blueprint: Blueprint, plan: ImagePlan, files: DirectoryInode): ImagePlan {
  const { tree, time } = blueprint;
  const { kept } = manifestsOf(files, mountTable(tree), emptyInstallation, time);
  return { ...plan, filesystems: plan.filesystems.map((planned) => refilled(planned, kept, blueprint, plan)) };
}

function refilled(
  { filesystem, files: whole, mounts }: PlannedFilesystem,
  kept: ReadonlyMap<string, DirectoryInode>,
  { identity, time }: Blueprint,
  { layout }: ImagePlan,
): PlannedFilesystem {
  const remaining = mounts.map(({ mountpoint }) => {
    return { mountpoint, files: kept.get(mountpoint) ?? emptyDirectory(folderOwnership(time)) };
  });
  const files = filesOf(remaining, time);
  const sectorSize = layout.disks.find(({ name }) => name === filesystem.place?.disk)?.sectorSize ?? 512;
  const inodes = Math.ceil(countNames(whole) * 1.1);
  const plan = surveyFilesystem(filesystem, files, { identity, time, sectorSize, inodes }).layOut(filesystem);
  return { filesystem, files, mounts: remaining, plan };
}
