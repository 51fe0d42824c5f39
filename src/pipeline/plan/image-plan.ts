import type { Installation } from "../../bootloaders/installation.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import type { FilesystemPlan, ToolVersions } from "../../filesystems/survey.ts";
import type { Identity } from "../../base/identity.ts";
import type { FilesystemLayout, Layout } from "../../layout/layout.ts";
import type { FilesystemRequest, SizeSteps } from "../../layout/request.ts";
import { solveLayout } from "../../devices/layout/solve.ts";
import type { Bytes } from "../../base/units.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import type { Unkept } from "./bind-mounts.ts";
import { type FilledFilesystem, FilesystemSurvey } from "./filesystem-survey.ts";
import { manifestsOf } from "./manifests.ts";
import { mountpointWithSpace, mountTable } from "../../devices/tree/mount-table.ts";
import { rememberFirst } from "./remember-first.ts";

/** Everything that decides the bytes of an image. */
interface ImageInput {
  readonly tree: DeviceTree;
  /** Of every disk; `auto`: what its contents need. */
  readonly size: Bytes | "auto";
  /** The sizes that a disk can have, where that is automatic. */
  readonly steps?: SizeSteps | undefined;
  /** The free space for an ordinary user on the filesystem `withSpace` when the size is automatic. */
  readonly additionalSpace: Bytes;
  readonly identity: Identity;
  /** Of all that we make, in seconds since 1970. */
  readonly time: number;
  readonly files: DirectoryInode;
  readonly installation: Installation;
  /** Of the programs by which filesystems are sized, where they are known. */
  readonly versions: ToolVersions;
}

/** An image, solved: where everything lies, and each filesystem laid out. No file has been read. */
export interface ImagePlan {
  readonly layout: Layout;
  readonly filesystems: readonly PlannedFilesystem[];
  /** The files that have no place on a disk. */
  readonly unkept: readonly Unkept[];
  /** The mount point of the filesystem on which the additional space is free: the root's, or the store's. */
  readonly withSpace: string | undefined;
}

export interface PlannedFilesystem extends FilledFilesystem {
  readonly filesystem: FilesystemLayout;
  readonly plan: FilesystemPlan;
}

/** An image whose files have been looked through, and whose sizes are open. */
export interface SurveyedImage {
  /**
   * Solves it. Pure. Where it comes out as the first time, it is that plan.
   *
   * @throws MkimageError TOO_SMALL, DOES_NOT_FIT with what is needed; BAD_REQUEST for what a filesystem cannot hold.
   */
  plan(additionalSpace: Bytes): ImagePlan;
  /**
   * The bytes of its disks; no filesystem is laid out for that. Pure.
   *
   * @throws MkimageError as `plan`.
   */
  size(additionalSpace: Bytes): Bytes;
  /** The image with another installation. Filesystems that have the same files with it are not looked through again. Pure. */
  with(installation: Installation): SurveyedImage;
}

/** Looks through the files of an image, once for all plans that are made of it. Pure; each is looked at when it is asked for. */
export function surveyImage(surveyed: SurveyInput, earlier?: FilesystemSurvey): SurveyedImage {
  const table = mountTable(surveyed.tree);
  const withSpace = mountpointWithSpace(table);
  const { kept, unkept } = manifestsOf(surveyed.files, table, surveyed.installation, surveyed.time);
  const survey = new FilesystemSurvey(kept, surveyed, earlier);
  const layOut = rememberFirst((layout: Layout) => ({ ...layOutAll(layout, survey), unkept, withSpace }));
  const solve = (additionalSpace: Bytes) => solved({ ...surveyed, additionalSpace }, survey, withSpace);
  return {
    plan: (additionalSpace) => layOut(solve(additionalSpace)),
    size: (additionalSpace) => diskBytes(solve(additionalSpace)),
    with: (installation) => surveyImage({ ...surveyed, installation }, survey),
  };
}

function solved(input: ImageInput, survey: FilesystemSurvey, withSpace: string | undefined): Layout {
  return solveLayout(input.tree, {
    identity: input.identity,
    sizes: sizesOf(input),
    steps: input.steps,
    needs: (filesystem) =>
      survey
        .of(filesystem, filesystem.sectorSize)
        .surveyed.smallestSize(
          filesystem.mountpoints.some((mountpoint) => mountpoint === withSpace) ? extraSpace(filesystem, input) : 0,
        ),
  });
}

function layOutAll(layout: Layout, survey: FilesystemSurvey): Pick<ImagePlan, "layout" | "filesystems"> {
  const filesystems = layout.filesystems.map((filesystem) => {
    const sectorSize = layout.disks.find((disk) => disk.name === filesystem.place?.disk)?.sectorSize ?? 512;
    const { surveyed, files, mounts } = survey.of(filesystem, sectorSize);
    return { filesystem, files, mounts, plan: surveyed.layOut(filesystem) };
  });
  return { layout, filesystems };
}

/** The bytes of all disks of a layout. */
export function diskBytes({ disks }: Layout): Bytes {
  return disks.reduce((sum, { size }) => sum + size, 0);
}

/** The input that decides the files of an image and their places. */
type SurveyInput = Omit<ImageInput, "additionalSpace">;

/** The filesystem on which the additional space is free. */
export function filesystemWithSpace({ filesystems, withSpace }: ImagePlan): PlannedFilesystem | undefined {
  return filesystems.find(({ filesystem }) => filesystem.mountpoints.some((mountpoint) => mountpoint === withSpace));
}

/** A size that is given holds for every disk; otherwise the tree says it. */
function sizesOf({ tree, size }: ImageInput): Record<string, Bytes> {
  if (size === "auto") return {};
  return Object.fromEntries(Object.values(tree.disk).map(({ name }) => [name, size]));
}

/** The space of a filesystem beyond its needs; none where a size is set for it or for a disk. */
function extraSpace({ fixedSize }: FilesystemRequest, input: ImageInput): Bytes {
  const isFree = input.size === "auto" && Object.values(input.tree.disk).every((disk) => disk.imageSize === "auto");
  return fixedSize === null && isFree ? input.additionalSpace : 0;
}
