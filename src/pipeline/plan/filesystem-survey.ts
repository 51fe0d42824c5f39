import { surveyFilesystem } from "../../filesystems/lay-out.ts";
import type { FilesystemContext, FilesystemName, SurveyedFilesystem } from "../../filesystems/survey.ts";
import type { FilesystemLayout } from "../../layout/layout.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import { isSameTree } from "../../manifest/same-tree.ts";
import { emptyDirectory } from "../../manifest/tree.ts";
import { folderOwnership, type Manifests } from "./manifests.ts";
import { rememberFirst } from "./remember-first.ts";

/** The files below a mount point. */
export interface MountedFiles {
  readonly mountpoint: string;
  readonly files: DirectoryInode;
}

/** A filesystem with its files. */
export interface FilledFilesystem {
  /** All that is in it, wherever that is mounted. */
  readonly files: DirectoryInode;
  /** The same by the places where it, its subvolumes or datasets are mounted. */
  readonly mounts: readonly MountedFiles[];
}

type Surveyed = FilledFilesystem & { readonly surveyed: SurveyedFilesystem };

/** A filesystem, with or without a size. */
type Unsized = FilesystemName & Pick<FilesystemLayout, "mountpoints">;

type SectorSize = FilesystemContext["sectorSize"];

/** The filesystems of an image and what is in them: each is looked through when it is first asked for, and once. */
export class FilesystemSurvey {
  readonly #manifests: Manifests["kept"];
  readonly #context: Omit<FilesystemContext, "sectorSize">;
  readonly #earlier: FilesystemSurvey | undefined;
  readonly #known = new Map<string, Surveyed>();

  /** @param earlier of the same tree: filesystems with the same files are taken from there. */
  constructor(
    manifests: Manifests["kept"],
    context: Omit<FilesystemContext, "sectorSize">,
    earlier: FilesystemSurvey | undefined,
  ) {
    this.#manifests = manifests;
    this.#context = context;
    this.#earlier = earlier;
  }

  /** @throws MkimageError BAD_REQUEST for what it cannot hold. */
  of(filesystem: Unsized, sectorSize: SectorSize): Surveyed {
    const key = `${sectorSize} ${filesystem.path}`;
    const known = this.#known.get(key) ?? this.#surveyed(key, filesystem, sectorSize);
    this.#known.set(key, known);
    return known;
  }

  #surveyed(key: string, filesystem: Unsized, sectorSize: SectorSize): Surveyed {
    const { time } = this.#context;
    const mounts = mountsOf(filesystem, this.#manifests, time);
    const earlier = this.#earlier === undefined ? undefined : this.#earlier.#known.get(key);
    if (earlier !== undefined && haveSameFiles(mounts, earlier.mounts)) return earlier;
    const files = filesOf(mounts, time);
    const surveyed = surveyFilesystem(filesystem, files, { ...this.#context, sectorSize });
    return { files, mounts, surveyed: { ...surveyed, layOut: rememberFirst(surveyed.layOut) } };
  }
}

/** The files of a filesystem by its mount points; empty folders where nothing was given for one. */
export function mountsOf(
  { mountpoints }: Pick<FilesystemLayout, "mountpoints">,
  manifests: Manifests["kept"],
  time: number,
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

/** Whether the same files are mounted at the same places, in the same order. */
export function haveSameFiles(mounts: readonly MountedFiles[], others: readonly MountedFiles[]): boolean {
  return (
    mounts.length === others.length &&
    mounts.every(({ mountpoint, files }, index) => {
      const other = others[index];
      return other !== undefined && mountpoint === other.mountpoint && isSameTree(files, other.files);
    })
  );
}
