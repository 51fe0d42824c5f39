import { findTool, type Tool } from "./tools.ts";

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
  ssh: ["-V"],
  xfs_db: ["-V"],
  xfs_growfs: ["-V"],
  xfs_io: ["-V"],
  xfs_logprint: ["-V"],
  xfs_repair: ["-V"],
};

/** Those that tell it to nobody without failing; Nix's older commands open the store first, which may not be there to be opened. */
const silent: ReadonlySet<Tool> = new Set(["nix-env", "nix-store", "resize2fs", "sh", "ssh-keygen", "sshd", "tune2fs"]);

/** Those that also ask the kernel for its part, and then fail where it has none. */
const askingKernel: ReadonlySet<Tool> = new Set(["zfs", "zpool"]);

/** The command line with which a program of this machine tells its version, whatever its kernel has. */
export function versionCommand(
  tool: Tool,
): { readonly program: Tool; readonly question: readonly string[] } | undefined {
  const question = versionQuestion(tool);
  if (question === undefined || !askingKernel.has(tool)) return question && { program: tool, question };
  return { program: "sh", question: ["-c", '"$0" "$@" || [ $? = 1 ]', findTool(tool), ...question] };
}

/** The arguments with which a program tells its version, and does no more; undefined where there are none. */
export function versionQuestion(tool: Tool): readonly string[] | undefined {
  return silent.has(tool) ? undefined : (questions[tool] ?? ["--version"]);
}
