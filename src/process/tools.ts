import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { MkimageError } from "../errors.ts";

/** Where each external program comes from: the package in Debian and the attribute in nixpkgs. */
const packages = {
  blkdiscard: ["util-linux", "util-linux"],
  blkid: ["util-linux", "util-linux"],
  blockdev: ["util-linux", "util-linux"],
  busybox: ["busybox-static", "pkgsStatic.busybox"],
  bzip2: ["bzip2", "bzip2"],
  cp: ["coreutils", "coreutils"],
  debugfs: ["e2fsprogs", "e2fsprogs"],
  dumpe2fs: ["e2fsprogs", "e2fsprogs"],
  e2fsck: ["e2fsprogs", "e2fsprogs"],
  filefrag: ["e2fsprogs", "e2fsprogs"],
  "fsck.vfat": ["dosfstools", "dosfstools"],
  flock: ["util-linux", "util-linux"],
  getfattr: ["attr", "attr"],
  gzip: ["gzip", "gzip"],
  ldd: ["libc-bin", "glibc.bin"],
  losetup: ["mount", "util-linux"],
  lsblk: ["util-linux", "util-linux"],
  mke2fs: ["e2fsprogs", "e2fsprogs"],
  "mkfs.btrfs": ["btrfs-progs", "btrfs-progs"],
  "mkfs.f2fs": ["f2fs-tools", "f2fs-tools"],
  "mkfs.xfs": ["xfsprogs", "xfsprogs"],
  modinfo: ["kmod", "kmod"],
  mount: ["mount", "util-linux"],
  nix: ["nix-bin", "nix"],
  "nix-store": ["nix-bin", "nix"],
  parted: ["parted", "parted"],
  partx: ["util-linux", "util-linux"],
  "qemu-img": ["qemu-utils", "qemu-utils"],
  "qemu-system-aarch64": ["qemu-system-arm", "qemu"],
  "qemu-system-x86_64": ["qemu-system-x86", "qemu"],
  resize2fs: ["e2fsprogs", "e2fsprogs"],
  setpriv: ["util-linux", "util-linux"],
  sfdisk: ["fdisk", "util-linux"],
  sgdisk: ["gdisk", "gptfdisk"],
  sh: ["dash", "bash"],
  tar: ["tar", "gnutar"],
  tune2fs: ["e2fsprogs", "e2fsprogs"],
  umount: ["mount", "util-linux"],
  unshare: ["util-linux", "util-linux"],
  wipefs: ["util-linux", "util-linux"],
  xz: ["xz-utils", "xz"],
  zstd: ["zstd", "zstd"],
} as const satisfies Record<string, readonly [debian: string, nixpkgs: string]>;

/** The name of an external program that mkimage calls. */
export type Tool = keyof typeof packages;

const extraFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * The path of an external program: from PATH, then from the sbin folders, which an ordinary user's PATH lacks.
 *
 * @throws MkimageError MISSING_TOOL, naming the package to install.
 */
export function findTool(tool: Tool): string {
  const path = lookUpTool(tool);
  if (path !== undefined) return path;
  const [debian, nixpkgs] = packages[tool];
  throw new MkimageError("MISSING_TOOL", `the program ${tool} is not installed`, {
    hint: `install it: apt-get install ${debian}, or nix-shell -p ${nixpkgs}`,
  });
}

/** As `findTool`, but `undefined` where there is none. */
export function lookUpTool(tool: Tool): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, ...extraFolders].map((folder) => join(folder, tool)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
