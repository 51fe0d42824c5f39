import type { Tool } from "../../runtime/tools.ts";

/** The needs of a program in a guest beside itself and the libraries that it names. */
interface Needs {
  /** Programs that it starts, and is of no use without. */
  readonly starts?: readonly Tool[];
  /** Programs that it starts for some of its work: taken where they are. */
  readonly mayStart?: readonly Tool[];
  /** Programs that it starts by a path of their own, and not by name: taken where they are. */
  readonly mayCall?: readonly string[];
  /** Files, and folders of files, that it is of no use without. */
  readonly data?: readonly string[];
  /** Settings and the like, which it has a default for: taken where they are. */
  readonly mayRead?: readonly string[];
}

const ext4: Needs = { mayRead: ["/etc/mke2fs.conf"] };
const lvm: Needs = { mayRead: ["/etc/lvm/lvm.conf"], mayStart: ["dmsetup", "thin_check", "thin_dump", "thin_repair"] };
// udev names a pool's volumes by what zvol_id says.
const zfs: Needs = { mayStart: ["mount.zfs", "zvol_id"], mayRead: ["/usr/share/zfs/compatibility.d"] };

/** By tool; a program that Nix built has what it reads in its closure, and of this it takes what it starts. */
const table: Readonly<Partial<Record<Tool, Needs>>> = {
  cryptsetup: { mayStart: ["dmsetup"] },
  lvchange: lvm,
  lvcreate: lvm,
  lvextend: lvm,
  lvm,
  lvreduce: lvm,
  lvremove: lvm,
  lvrename: lvm,
  lvs: lvm,
  mke2fs: ext4,
  "mkfs.bcachefs": { mayStart: ["mount.bcachefs"] },
  "mkfs.ext2": ext4,
  "mkfs.ext3": ext4,
  "mkfs.ext4": ext4,
  "mkfs.ntfs": { mayStart: ["mount.ntfs"] },
  pvcreate: lvm,
  pvremove: lvm,
  pvresize: lvm,
  pvs: lvm,
  // From 9.8 on each connection is served by a program of its own.
  sshd: { mayCall: ["/usr/lib/openssh/sshd-session", "/usr/lib/openssh/sshd-auth"] },
  // The rules for the device mapper call dmsetup. The daemon is this program under another name.
  udevadm: {
    data: ["/lib/udev/rules.d"],
    mayRead: ["/lib/udev/ata_id", "/lib/udev/cdrom_id", "/lib/udev/scsi_id"],
    starts: ["dmsetup"],
    mayStart: ["mdadm"],
  },
  vgchange: lvm,
  vgcreate: lvm,
  vgextend: lvm,
  vgremove: lvm,
  vgrename: lvm,
  vgs: lvm,
  zfs,
  zpool: zfs,
};

/** Returns the needs of a tool; most tools have none. */
export function needsOf(tool: Tool): Needs {
  return table[tool] ?? {};
}

/** Folders of plugins beside a library, by the library's name: it opens them when it has something for them to do. */
const pluginFolders: Readonly<Record<string, string>> = {
  // The hashes that old containers have are in OpenSSL's legacy provider.
  "libcrypto.so.3": "ossl-modules",
};

/** The folder, beside a library of this name, that its plugins are in. */
export function pluginFolderOf(library: string): string | undefined {
  return pluginFolders[library];
}
