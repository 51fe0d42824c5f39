import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { MkimageError } from "../base/errors.ts";

/** Where each external program comes from: the package in Debian and the attribute in nixpkgs. */
const packages = {
  addpart: ["util-linux", "util-linux"],
  b2sum: ["coreutils", "coreutils"],
  bash: ["bash", "bash"],
  bcachefs: ["bcachefs-tools", "bcachefs-tools"],
  blkdiscard: ["util-linux", "util-linux"],
  blkid: ["util-linux", "util-linux"],
  blockdev: ["util-linux", "util-linux"],
  btrfs: ["btrfs-progs", "btrfs-progs"],
  busybox: ["busybox-static", "pkgsStatic.busybox"],
  bzip2: ["bzip2", "bzip2"],
  cat: ["coreutils", "coreutils"],
  chroot: ["coreutils", "coreutils"],
  cksum: ["coreutils", "coreutils"],
  cmp: ["diffutils", "diffutils"],
  cp: ["coreutils", "coreutils"],
  cryptsetup: ["cryptsetup-bin", "cryptsetup"],
  dd: ["coreutils", "coreutils"],
  debugfs: ["e2fsprogs", "e2fsprogs"],
  delpart: ["util-linux", "util-linux"],
  dmsetup: ["dmsetup", "lvm2"],
  dumpe2fs: ["e2fsprogs", "e2fsprogs"],
  e2fsck: ["e2fsprogs", "e2fsprogs"],
  filefrag: ["e2fsprogs", "e2fsprogs"],
  findmnt: ["util-linux", "util-linux"],
  flock: ["util-linux", "util-linux"],
  efibootmgr: ["efibootmgr", "efibootmgr"],
  env: ["coreutils", "coreutils"],
  "fsck.vfat": ["dosfstools", "dosfstools"],
  fatlabel: ["dosfstools", "dosfstools"],
  getfattr: ["attr", "attr"],
  grep: ["grep", "gnugrep"],
  gzip: ["gzip", "gzip"],
  ip: ["iproute2", "iproute2"],
  kexec: ["kexec-tools", "pkgsStatic.kexec-tools"],
  ldd: ["libc-bin", "glibc.bin"],
  ln: ["coreutils", "coreutils"],
  losetup: ["mount", "util-linux"],
  lsblk: ["util-linux", "util-linux"],
  lvchange: ["lvm2", "lvm2"],
  lvcreate: ["lvm2", "lvm2"],
  lvextend: ["lvm2", "lvm2"],
  lvm: ["lvm2", "lvm2"],
  lvreduce: ["lvm2", "lvm2"],
  lvremove: ["lvm2", "lvm2"],
  lvrename: ["lvm2", "lvm2"],
  lvs: ["lvm2", "lvm2"],
  mdadm: ["mdadm", "mdadm"],
  mkdir: ["coreutils", "coreutils"],
  mke2fs: ["e2fsprogs", "e2fsprogs"],
  "mkfs.bcachefs": ["bcachefs-tools", "bcachefs-tools"],
  "mkfs.btrfs": ["btrfs-progs", "btrfs-progs"],
  "mkfs.exfat": ["exfatprogs", "exfatprogs"],
  "mkfs.ext2": ["e2fsprogs", "e2fsprogs"],
  "mkfs.ext3": ["e2fsprogs", "e2fsprogs"],
  "mkfs.ext4": ["e2fsprogs", "e2fsprogs"],
  "mkfs.f2fs": ["f2fs-tools", "f2fs-tools"],
  "mkfs.ntfs": ["ntfs-3g", "ntfs3g"],
  "mkfs.vfat": ["dosfstools", "dosfstools"],
  "mkfs.xfs": ["xfsprogs", "xfsprogs"],
  mkswap: ["util-linux", "util-linux"],
  modinfo: ["kmod", "kmod"],
  mount: ["mount", "util-linux"],
  "mount.bcachefs": ["bcachefs-tools", "bcachefs-tools"],
  "mount.ntfs": ["ntfs-3g", "ntfs3g"],
  "mount.zfs": ["zfsutils-linux", "zfs"],
  nix: ["nix-bin", "nix"],
  "nix-env": ["nix-bin", "nix"],
  "nix-store": ["nix-bin", "nix"],
  od: ["coreutils", "coreutils"],
  parted: ["parted", "parted"],
  partprobe: ["parted", "parted"],
  partx: ["util-linux", "util-linux"],
  prlimit: ["util-linux", "util-linux"],
  pvck: ["lvm2", "lvm2"],
  pvcreate: ["lvm2", "lvm2"],
  pvremove: ["lvm2", "lvm2"],
  pvresize: ["lvm2", "lvm2"],
  pvs: ["lvm2", "lvm2"],
  "qemu-img": ["qemu-utils", "qemu-utils"],
  "qemu-system-aarch64": ["qemu-system-arm", "qemu"],
  "qemu-system-x86_64": ["qemu-system-x86", "qemu"],
  readlink: ["coreutils", "coreutils"],
  resize2fs: ["e2fsprogs", "e2fsprogs"],
  setpriv: ["util-linux", "util-linux"],
  sfdisk: ["fdisk", "util-linux"],
  sgdisk: ["gdisk", "gptfdisk"],
  sh: ["dash", "bash"],
  sha256sum: ["coreutils", "coreutils"],
  ssh: ["openssh-client", "openssh"],
  "ssh-add": ["openssh-client", "openssh"],
  "ssh-keygen": ["openssh-client", "openssh"],
  sshd: ["openssh-server", "openssh"],
  sleep: ["coreutils", "coreutils"],
  sort: ["coreutils", "coreutils"],
  stat: ["coreutils", "coreutils"],
  swapoff: ["mount", "util-linux"],
  swapon: ["mount", "util-linux"],
  sync: ["coreutils", "coreutils"],
  "systemd-cryptenroll": ["systemd-cryptsetup", "systemd"],
  tail: ["coreutils", "coreutils"],
  tar: ["tar", "gnutar"],
  thin_check: ["thin-provisioning-tools", "thin-provisioning-tools"],
  thin_dump: ["thin-provisioning-tools", "thin-provisioning-tools"],
  thin_repair: ["thin-provisioning-tools", "thin-provisioning-tools"],
  touch: ["coreutils", "coreutils"],
  tune2fs: ["e2fsprogs", "e2fsprogs"],
  udevadm: ["udev", "systemd"],
  umount: ["mount", "util-linux"],
  unshare: ["util-linux", "util-linux"],
  vgchange: ["lvm2", "lvm2"],
  vgcreate: ["lvm2", "lvm2"],
  vgextend: ["lvm2", "lvm2"],
  vgremove: ["lvm2", "lvm2"],
  vgrename: ["lvm2", "lvm2"],
  vgs: ["lvm2", "lvm2"],
  wipefs: ["util-linux", "util-linux"],
  xfs_db: ["xfsprogs", "xfsprogs"],
  xfs_admin: ["xfsprogs", "xfsprogs"],
  xfs_growfs: ["xfsprogs", "xfsprogs"],
  xfs_io: ["xfsprogs", "xfsprogs"],
  xfs_logprint: ["xfsprogs", "xfsprogs"],
  xfs_repair: ["xfsprogs", "xfsprogs"],
  xz: ["xz-utils", "xz"],
  zfs: ["zfsutils-linux", "zfs"],
  zpool: ["zfsutils-linux", "zfs"],
  zstd: ["zstd", "zstd"],
  zvol_id: ["zfsutils-linux", "zfs"],
} as const satisfies Record<string, readonly [debian: string, nixpkgs: string]>;

/** The name of an external program that mkimage calls. */
export type Tool = keyof typeof packages;

/** Whether mkimage knows where a program comes from. */
export function isTool(name: string): name is Tool {
  return Object.hasOwn(packages, name);
}

/** The packages that a tool is in, for people. */
export function packagesOf(tool: Tool): string {
  const [debian, nixpkgs] = packages[tool];
  return `apt-get install ${debian}, or nix-shell -p ${nixpkgs}`;
}

/** The last is where packages have what udev calls. */
const extraFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/lib/udev"];

/**
 * The path of an external program: from PATH, then from the folders that an ordinary user's PATH lacks.
 *
 * @throws MkimageError MISSING_TOOL, naming the package to install.
 */
export function findTool(tool: Tool): string {
  const path = lookUpTool(tool);
  if (path !== undefined) return path;
  throw new MkimageError("MISSING_TOOL", `the program ${tool} is not installed`, {
    hint: `install it: ${packagesOf(tool)}`,
  });
}

/** As `findTool`, but `undefined` where there is none. */
export function lookUpTool(tool: Tool): string | undefined {
  return lookUpProgram(tool);
}

/** The path of any program, whether mkimage knows it or not. */
export function lookUpProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, ...extraFolders].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
