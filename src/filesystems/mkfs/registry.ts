import { bcachefsFormat } from "../bcachefs/mkfs.ts";
import { mkfsBtrfs } from "../btrfs/mkfs.ts";
import { mkfsExfat } from "../exfat/mkfs.ts";
import { mke2fs } from "../ext4/mkfs.ts";
import { mkfsF2fs } from "../f2fs/mkfs.ts";
import { mkntfs } from "../ntfs/mkfs.ts";
import { mkswap } from "../swap/mkfs.ts";
import { mkfsFat } from "../vfat/mkfs.ts";
import { mkfsXfs } from "../xfs/mkfs.ts";
import type { Mkfs } from "./mkfs.ts";

const programs: ReadonlyMap<string, Mkfs> = new Map([
  ["bcachefs", bcachefsFormat],
  ["btrfs", mkfsBtrfs],
  ["exfat", mkfsExfat],
  ["ext2", mke2fs],
  ["ext3", mke2fs],
  ["ext4", mke2fs],
  ["f2fs", mkfsF2fs],
  ["fat", mkfsFat],
  ["msdos", mkfsFat],
  ["ntfs", mkntfs],
  ["swap", mkswap],
  ["vfat", mkfsFat],
  ["xfs", mkfsXfs],
]);

/** How a filesystem of this format is made; undefined for those that mkimage only passes arguments to. */
export function mkfsOf(format: string): Mkfs | undefined {
  return programs.get(format);
}
