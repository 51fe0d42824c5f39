import type { Extent, Run } from "../image/extent.ts";
import type { Identity } from "../base/identity.ts";
import type { Bytes } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import type { Tool } from "../runtime/tools.ts";

/** The identity of a filesystem, before its size is known. */
export interface FilesystemName {
  /** Where it stands in the device tree. */
  readonly path: string;
  /** `ext4`, `vfat`, … */
  readonly format: string;
  readonly label: string | null;
  /** As blkid prints it: lower-case, or `ABCD-1234` for FAT. `null`: its program draws it. */
  readonly uuid: string | null;
}

/** A filesystem with its size, and its place on a disk where it does not lie in a container. */
interface PlacedFilesystem extends FilesystemName {
  readonly size: Bytes;
  readonly place: { readonly offset: Bytes } | null;
}

/** The decisions about a filesystem besides its files: the source of its identifiers and times, the sector size of its disk, and its program. */
export interface FilesystemContext {
  readonly identity: Identity;
  /** Seconds since 1970. */
  readonly time: number;
  readonly sectorSize: 512 | 4096;
  /** Of the programs by which filesystems are sized, where they are known. */
  readonly versions: ToolVersions;
  /** At least so many inodes, where a filesystem has a fixed number of them: for files that come later. */
  readonly inodes?: number;
}

export type ToolVersions = ReadonlyMap<Tool, string>;

/** A filesystem that is planned, and not yet written. */
export type FilesystemPlan = WrittenFilesystem | GuestMadeFilesystem;

interface PlannedSpace {
  readonly size: Bytes;
  /** The bytes that an ordinary user can still write. */
  readonly freeBytes: Bytes;
  /** `ext4`, `FAT32`, `FAT16`, `xfs` … */
  readonly kind: string;
}

/** One that is laid out to the last byte. */
export interface WrittenFilesystem extends PlannedSpace {
  readonly madeBy: "host";
  extents(): Iterable<Extent>;
  /** Where it has something, ascending; the rest may hold anything. */
  occupied(): readonly Run[];
}

/** One that a guest makes and fills. `freeBytes` is what is expected, until the guest has said it. */
interface GuestMadeFilesystem extends PlannedSpace {
  readonly madeBy: "guest";
}

/** A filesystem with its manifest, before it has a size. */
export interface SurveyedFilesystem {
  /** The smallest size in bytes that leaves an ordinary user `additionalSpace` bytes. Throws as `layOut`. */
  smallestSize(additionalSpace: Bytes): Bytes;
  /**
   * Lays it out.
   *
   * @throws MkimageError TOO_SMALL or DOES_NOT_FIT with the size that is needed, BAD_REQUEST for what it cannot hold.
   */
  layOut(filesystem: PlacedFilesystem): FilesystemPlan;
}

/** Looks through the manifest of one filesystem. Throws MkimageError BAD_REQUEST for what it cannot hold. */
export type Survey = (
  filesystem: FilesystemName,
  files: DirectoryInode,
  context: FilesystemContext,
) => SurveyedFilesystem;
