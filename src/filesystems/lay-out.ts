import { MkimageError } from "../base/errors.ts";
import type { Extent, Run } from "../image/extent.ts";
import type { Identity } from "../base/identity.ts";
import type { Bytes } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { type Ext4Options, surveyExt4 } from "./ext4/ext4.ts";
import { expectedFreeBytes, guestMadeKinds, smallestGuestMadeSize } from "./guest-made/guest-made.ts";
import type { GuestMadeKind } from "./guest-made/kind.ts";
import { smallestFatSize } from "./vfat/needs.ts";
import { planFat } from "./vfat/plan.ts";

/** What a filesystem is called, before its size is known. */
export interface FilesystemName {
  /** Where it stands in the device tree. */
  readonly path: string;
  /** `ext4`, `vfat`, … */
  readonly format: string;
  readonly label: string | null;
  /** As blkid prints it: lower-case, or `ABCD-1234` for FAT. */
  readonly uuid: string;
}

/** A filesystem with its size, and its place on a disk where it does not lie in a container. */
interface PlacedFilesystem extends FilesystemName {
  readonly size: Bytes;
  readonly place: { readonly offset: Bytes } | null;
}

/** What the identifiers and times of a filesystem that we write come from. */
export interface FilesystemContext {
  readonly identity: Identity;
  /** Seconds since 1970. */
  readonly time: number;
  readonly sectorSize: 512 | 4096;
}

/** A filesystem that is planned, and not yet written. */
export type FilesystemPlan = WrittenFilesystem | GuestMadeFilesystem;

interface PlannedSpace {
  readonly size: Bytes;
  /** What an ordinary user can still write. */
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

type Survey = (filesystem: FilesystemName, files: DirectoryInode, context: FilesystemContext) => SurveyedFilesystem;

/**
 * Looks through the manifest of one filesystem.
 *
 * @throws MkimageError BAD_REQUEST for what it cannot hold.
 */
export const surveyFilesystem: Survey = (filesystem, files, context) =>
  surveyOf(filesystem.format)(filesystem, files, context);

const ext4: Survey = (filesystem, files, context) => {
  const surveyed = surveyExt4(files, ext4Options(filesystem, context));
  return {
    smallestSize: surveyed.smallestSize,
    layOut: (layout) => {
      const { size, freeBytes, extents, occupied } = surveyed.plan(layout.size);
      return { madeBy: "host", size, freeBytes, kind: "ext4", extents, occupied };
    },
  };
};

const vfat: Survey = (filesystem, files, context) => {
  const shape = fatShape(filesystem.label, context);
  return {
    smallestSize: (additionalSpace) => smallestFatSize(files, additionalSpace, shape),
    layOut: ({ uuid, size, place }) => {
      const hiddenSectors = (place?.offset ?? 0) / context.sectorSize;
      const volumeId = Number.parseInt(uuid.replace("-", ""), 16);
      return { madeBy: "host", ...planFat(files, size, { ...shape, volumeId, hiddenSectors, time: context.time }) };
    },
  };
};

function guestMade(name: string, kind: GuestMadeKind): Survey {
  return (_, files) => ({
    smallestSize: (additionalSpace) => smallestGuestMadeSize(kind, files, additionalSpace),
    layOut: ({ size }) => ({ madeBy: "guest", size, freeBytes: expectedFreeBytes(kind, files, size), kind: name }),
  });
}

const surveys: ReadonlyMap<string, Survey> = new Map([
  ["ext4", ext4],
  ["vfat", vfat],
  ...Object.entries(guestMadeKinds).map(([name, kind]) => [name, guestMade(name, kind)] as const),
]);

/** The filesystems that images are made with. */
export const plannableFormats: readonly string[] = [...surveys.keys()];

/** Whether an image can be made with a filesystem of this kind. */
export function isPlannable(format: string): boolean {
  return surveys.has(format);
}

function surveyOf(format: string): Survey {
  const survey = surveys.get(format);
  if (survey !== undefined) return survey;
  throw new MkimageError("INTERNAL", `mkimage does not make filesystems of type ${format}`);
}

function ext4Options({ uuid, label, path }: FilesystemName, { identity, time }: FilesystemContext): Ext4Options {
  return { uuid, label: label ?? "", hashSeed: identity.uuid(`${path} hash seed`), time };
}

function fatShape(label: string | null, { sectorSize }: FilesystemContext) {
  return { label: label ?? "", sectorSize, variant: "auto" as const };
}
