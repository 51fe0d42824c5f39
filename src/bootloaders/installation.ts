import type { Extent } from "../image/extent.ts";
import type { ByteString } from "../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../manifest/inode.ts";

/** The numeric owner and group of a path of the image. */
export interface ResolvedOwner {
  readonly path: ByteString;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The files and boot code that a bootloader's installation adds to an image. Both engines make one, the host by laying
 * systemd-boot out itself, the guest by capture; the final image is laid out from it and from the manifest.
 */
export interface Installation {
  /** The tree under each boot mount point (`/boot`, `/efi`), whether a partition is mounted there or not. */
  readonly trees: ReadonlyMap<ByteString, DirectoryInode>;
  /** Further files of the root filesystem, by absolute path. */
  readonly files: ReadonlyMap<ByteString, Inode>;
  /**
   * Boot code outside filesystems (MBR bytes 0 to 439, the gap, a bios_grub partition) by the name of its disk, each
   * extent by its offset there.
   */
  readonly bootCode: ReadonlyMap<string, readonly Extent[]>;
  /** The numbers of named owners of `contents`. */
  readonly owners: readonly ResolvedOwner[];
}

/** Nothing was installed, and nothing was to be. */
export const emptyInstallation: Installation = { trees: new Map(), files: new Map(), bootCode: new Map(), owners: [] };
