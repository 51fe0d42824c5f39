import type { Tool } from "./tools.ts";

/** Those that do not take `--version`. */
const questions: Readonly<Partial<Record<Tool, readonly string[]>>> = {
  // Busybox says it when nothing is asked of it.
  busybox: [],
  debugfs: ["-V"],
  dumpe2fs: ["-V"],
  e2fsck: ["-V"],
  mke2fs: ["-V"],
  "mkfs.btrfs": ["-V"],
  "mkfs.ext2": ["-V"],
  "mkfs.ext3": ["-V"],
  "mkfs.ext4": ["-V"],
  "mkfs.f2fs": ["-V"],
  "mkfs.vfat": ["--help"],
  "mkfs.xfs": ["-V"],
  tune2fs: ["-V"],
};

/** The arguments with which a program tells its version, and does no more. */
export function versionQuestion(tool: Tool): readonly string[] {
  return questions[tool] ?? ["--version"];
}
