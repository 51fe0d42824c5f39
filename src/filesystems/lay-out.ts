import { MkimageError } from "../errors.ts";
import type { Extent, Run } from "../image/extent.ts";
import type { Identity } from "../layout/identity.ts";
import type { FilesystemLayout } from "../layout/layout.ts";
import type { Bytes } from "../layout/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { type Ext4Options, planExt4, solveExt4Size } from "./ext4/ext4.ts";
import { expectedFreeBytes, guestMadeKinds, smallestGuestMadeSize } from "./guest-made/guest-made.ts";
import type { GuestMadeKind } from "./guest-made/kind.ts";
import { smallestFatSize } from "./vfat/needs.ts";
import { planFat } from "./vfat/plan.ts";

/** What a filesystem is called, before its size is known. */
export type FilesystemName = Pick<FilesystemLayout, "path" | "format" | "label" | "uuid">;

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
export interface GuestMadeFilesystem extends PlannedSpace {
  readonly madeBy: "guest";
}

interface Writer {
  layOut(filesystem: FilesystemLayout, files: DirectoryInode, context: FilesystemContext): FilesystemPlan;
  smallestSize(
    filesystem: FilesystemName,
    files: DirectoryInode,
    additionalSpace: Bytes,
    context: FilesystemContext,
  ): Bytes;
}

/**
 * Lays out one filesystem from its manifest.
 *
 * @throws MkimageError TOO_SMALL or DOES_NOT_FIT with the size that is needed, BAD_REQUEST for what it cannot hold.
 */
export function layOutFilesystem(
  filesystem: FilesystemLayout,
  files: DirectoryInode,
  context: FilesystemContext,
): FilesystemPlan {
  return writerOf(filesystem.format).layOut(filesystem, files, context);
}

/** The smallest size in bytes that leaves an ordinary user `additionalSpace` bytes. Throws as `layOutFilesystem`. */
export function smallestFilesystemSize(
  filesystem: FilesystemName,
  files: DirectoryInode,
  additionalSpace: Bytes,
  context: FilesystemContext,
): Bytes {
  return writerOf(filesystem.format).smallestSize(filesystem, files, additionalSpace, context);
}

const ext4: Writer = {
  layOut: (filesystem, files, context) => {
    const plan = planExt4(files, filesystem.size, ext4Options(filesystem, context));
    const { size, freeBytes } = plan;
    const { extents, occupied } = plan;
    return { madeBy: "host", size, freeBytes, kind: "ext4", extents, occupied };
  },
  smallestSize: (filesystem, files, additionalSpace, context) =>
    solveExt4Size(files, additionalSpace, ext4Options(filesystem, context)),
};

const vfat: Writer = {
  layOut: (filesystem, files, context) => {
    const { label, uuid, size, place } = filesystem;
    const hiddenSectors = (place?.offset ?? 0) / context.sectorSize;
    const volumeId = Number.parseInt(uuid.replace("-", ""), 16);
    const options = { ...fatShape(label, context), volumeId, hiddenSectors, time: context.time };
    return { madeBy: "host", ...planFat(files, size, options) };
  },
  smallestSize: ({ label }, files, additionalSpace, context) =>
    smallestFatSize(files, additionalSpace, fatShape(label, context)),
};

function guestMade(name: string, kind: GuestMadeKind): Writer {
  return {
    layOut: ({ size }, files) => ({
      madeBy: "guest",
      size,
      freeBytes: expectedFreeBytes(kind, files, size),
      kind: name,
    }),
    smallestSize: (_, files, additionalSpace) => smallestGuestMadeSize(kind, files, additionalSpace),
  };
}

const writers: ReadonlyMap<string, Writer> = new Map([
  ["ext4", ext4],
  ["vfat", vfat],
  ...Object.entries(guestMadeKinds).map(([name, kind]) => [name, guestMade(name, kind)] as const),
]);

/** The filesystems that images are made with. */
export const plannableFormats: readonly string[] = [...writers.keys()];

/** Whether an image can be made with a filesystem of this kind. */
export function isPlannable(format: string): boolean {
  return writers.has(format);
}

function writerOf(format: string): Writer {
  const writer = writers.get(format);
  if (writer !== undefined) return writer;
  throw new MkimageError("INTERNAL", `mkimage does not make filesystems of type ${format}`);
}

function ext4Options({ uuid, label, path }: FilesystemName, { identity, time }: FilesystemContext): Ext4Options {
  return { uuid, label: label ?? "", hashSeed: identity.uuid(`${path} hash seed`), time };
}

function fatShape(label: string | null, { sectorSize }: FilesystemContext) {
  return { label: label ?? "", sectorSize, variant: "auto" as const };
}
