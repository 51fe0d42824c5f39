import type { Installation } from "../../bootloaders/installation.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { diskName } from "../../devices/tree/disk-names.ts";
import { surveyFilesystem } from "../../filesystems/lay-out.ts";
import type {
  FilesystemContext,
  FilesystemName,
  FilesystemPlan,
  SurveyedFilesystem,
  ToolVersions,
} from "../../filesystems/survey.ts";
import type { Identity } from "../../base/identity.ts";
import type { FilesystemLayout, Layout } from "../../layout/layout.ts";
import type { FilesystemRequest, SizeSteps } from "../../layout/request.ts";
import { solveLayout } from "../../devices/layout/solve.ts";
import type { Bytes } from "../../base/units.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import { emptyDirectory } from "../../manifest/tree.ts";
import type { Unkept } from "./bind-mounts.ts";
import { folderOwnership, type Manifests, manifestsOf } from "./manifests.ts";
import { mountpointWithSpace, mountTable } from "../../devices/tree/mount-table.ts";

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

export interface PlannedFilesystem {
  readonly filesystem: FilesystemLayout;
  /** All that is in it, wherever that is mounted. */
  readonly files: DirectoryInode;
  /** The same by the places where it, its subvolumes or datasets are mounted. */
  readonly mounts: readonly MountedFiles[];
  readonly plan: FilesystemPlan;
}

/** The files below a mount point. */
export interface MountedFiles {
  readonly mountpoint: string;
  readonly files: DirectoryInode;
}

/** An image whose files have been looked through, and whose sizes are open. */
export interface SurveyedImage {
  /**
   * Solves it. Pure.
   *
   * @throws MkimageError TOO_SMALL, DOES_NOT_FIT with what is needed; BAD_REQUEST for what a filesystem cannot hold.
   */
  plan(additionalSpace: Bytes): ImagePlan;
}

/** Looks through the files of an image, once for all plans that are made of it. Pure; each is looked at when it is asked for. */
export function surveyImage(surveyed: SurveyInput): SurveyedImage {
  const table = mountTable(surveyed.tree);
  const withSpace = mountpointWithSpace(table);
  const { kept, unkept } = manifestsOf(surveyed.files, table, surveyed.installation, surveyed.time);
  const survey = surveyor(kept, surveyed);
  return {
    plan: (additionalSpace) => ({ ...solve({ ...surveyed, additionalSpace }, survey, withSpace), unkept, withSpace }),
  };
}

function solve(input: ImageInput, survey: ReturnType<typeof surveyor>, withSpace: string | undefined) {
  const layout = solveLayout(input.tree, {
    identity: input.identity,
    sizes: sizesOf(input),
    steps: input.steps,
    needs: (filesystem) =>
      survey(filesystem, filesystem.sectorSize).surveyed.smallestSize(
        filesystem.mountpoints.some((mountpoint) => mountpoint === withSpace) ? extraSpace(filesystem, input) : 0,
      ),
  });
  const filesystems = layout.filesystems.map((filesystem) => {
    const sectorSize = layout.disks.find((disk) => disk.name === filesystem.place?.disk)?.sectorSize ?? 512;
    const { surveyed, files, mounts } = survey(filesystem, sectorSize);
    return { filesystem, files, mounts, plan: surveyed.layOut(filesystem) };
  });
  return { layout, filesystems };
}

/** The input that decides the files of an image and their places. */
type SurveyInput = Omit<ImageInput, "additionalSpace">;

type Filled = Pick<PlannedFilesystem, "files" | "mounts"> & { readonly surveyed: SurveyedFilesystem };

/** A filesystem, with or without a size. */
type Unsized = FilesystemName & Pick<FilesystemLayout, "mountpoints">;

/** The filesystem on which the additional space is free. */
export function filesystemWithSpace({ filesystems, withSpace }: ImagePlan): PlannedFilesystem | undefined {
  return filesystems.find(({ filesystem }) => filesystem.mountpoints.some((mountpoint) => mountpoint === withSpace));
}

/** Gives a filesystem's files, and what they need. Each filesystem is looked through once, however often it is asked for. */
function surveyor(manifests: Manifests["kept"], input: SurveyInput) {
  const known = new Map<string, Filled>();
  return (filesystem: Unsized, sectorSize: 512 | 4096): Filled => {
    const key = `${sectorSize} ${filesystem.path}`;
    const found = known.get(key) ?? fill(filesystem, manifests, input, sectorSize);
    known.set(key, found);
    return found;
  };
}

function fill(filesystem: Unsized, manifests: Manifests["kept"], input: SurveyInput, sectorSize: 512 | 4096): Filled {
  const mounts = mountsOf(filesystem, manifests, input);
  const files = filesOf(mounts, input.time);
  return { files, mounts, surveyed: surveyFilesystem(filesystem, files, contextOf(input, sectorSize)) };
}

/** A size that is given holds for every disk; otherwise the tree says it. */
function sizesOf({ tree, size }: ImageInput): Record<string, Bytes> {
  if (size === "auto") return {};
  return Object.fromEntries(Object.entries(tree.disk).map(([key, node]) => [diskName(key, node), size]));
}

/** The space of a filesystem beyond its needs; none where a size is set for it or for a disk. */
function extraSpace({ fixedSize }: FilesystemRequest, input: ImageInput): Bytes {
  const isFree = input.size === "auto" && Object.values(input.tree.disk).every((disk) => disk.imageSize === "auto");
  return fixedSize === null && isFree ? input.additionalSpace : 0;
}

function mountsOf(
  { mountpoints }: Pick<FilesystemLayout, "mountpoints">,
  manifests: Manifests["kept"],
  { time }: SurveyInput,
): MountedFiles[] {
  return mountpoints.map((mountpoint) => {
    return { mountpoint, files: manifests.get(mountpoint) ?? emptyDirectory(folderOwnership(time)) };
  });
}

/** All files of one filesystem: the trees of several places stand side by side in it, as subvolumes do. */
export function filesOf(mounts: readonly MountedFiles[], time: number): DirectoryInode {
  const [first] = mounts;
  if (first !== undefined && mounts.length === 1) return first.files;
  const entries = mounts.map(({ files }, index) => [String(index), files] as const);
  return { ...emptyDirectory(folderOwnership(time)), entries: new Map(entries) };
}

function contextOf({ identity, time, versions }: SurveyInput, sectorSize: 512 | 4096): FilesystemContext {
  return { identity, time, sectorSize, versions };
}
