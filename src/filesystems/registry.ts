import { bcachefs } from "./bcachefs/index.ts";
import { btrfs } from "./btrfs/index.ts";
import { common } from "./common.ts";
import { exfat } from "./exfat/index.ts";
import { ext2, ext3, ext4 } from "./ext4/index.ts";
import { f2fs } from "./f2fs/index.ts";
import type { Filesystem } from "./filesystem.ts";
import { ntfs } from "./ntfs/index.ts";
import { swap } from "./swap/index.ts";
import { fat, msdos, vfat } from "./vfat/index.ts";
import { xfs } from "./xfs/index.ts";
import { zfs } from "./zfs/index.ts";

/** The filesystems that mkimage knows, by their formats in a device tree; in this order errors list them. */
export const filesystems = {
  ext4,
  vfat,
  bcachefs,
  btrfs,
  f2fs,
  xfs,
  zfs,
  exfat,
  ext2,
  ext3,
  fat,
  msdos,
  ntfs,
  swap,
} as const satisfies Record<string, Filesystem>;

/** Returns the properties of a format; those of most filesystems where the registry does not have it. */
export function filesystemOf(format: string): Filesystem {
  return known.get(format) ?? unregistered(format);
}

/** Returns the format whose driver a program works through; `undefined` for most programs. */
export function formatOfProgram(program: string): string | undefined {
  return [...known].find(([, { programs }]) => programs.includes(program))?.[0];
}

/** Whether blkid calls devices so that a filesystem elsewhere needs. */
export function isPartOfFilesystem(mark: string): boolean {
  return [...known.values()].some(({ parts }) => parts?.includes(mark) === true);
}

/** Whether all that blkid tells where it finds such a mark is at both ends of a device. */
export function endsTellAll(mark: string): boolean {
  return [...known.values()].some((one) => one.endsTellAll && [...one.contents, ...(one.parts ?? [])].includes(mark));
}

/** The filesystems that the root of a preset can have. */
export const rootFilesystems: readonly string[] = Object.entries<Filesystem>(filesystems).flatMap(
  ([format, { canBeRoot }]) => (canBeRoot ? [format] : []),
);

const known: ReadonlyMap<string, Filesystem> = new Map(Object.entries(filesystems));

/** A filesystem that a tree may name all the same, such as JFS: its `mkfs.NAME` gets the user's arguments. */
function unregistered(format: string): Filesystem {
  return { ...common, survey: null, mkfs: null, contents: [format], driver: format };
}
