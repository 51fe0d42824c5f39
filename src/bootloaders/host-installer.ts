import type { Installation } from "./installation.ts";
import type { StoreReader } from "./store-reader.ts";

/** Where an image's filesystems are mounted, as installers of UEFI bootloaders look for them. */
export interface BootMounts {
  readonly all: readonly string[];
  /** FAT in EFI system partitions of a GPT. */
  readonly esp: readonly string[];
  /** FAT in extended boot loader partitions of a GPT. */
  readonly xbootldr: readonly string[];
}

/** The facts of an image that an installation follows from, besides the system. */
export interface HostInstallOptions {
  /** SOURCE_DATE_EPOCH: the time of every file, and the date in boot entries. */
  readonly time: number;
  /** The content of the image's /etc/machine-id, where it has one. */
  readonly machineId: string | undefined;
}

/** Lays the bootloader of one system out for a new image, as the system's own installer would. */
export interface HostInstaller {
  /** A sentence for people: that the host does it, and how. */
  readonly summary: string;
  /** @throws MkimageError BAD_REQUEST when no installer could, since an image lacks a place for its files. */
  readonly requirePlaces: (mounts: BootMounts) => void;
  /** The reason why its own installer has to run for an image with these mounts: the end of a sentence. */
  readonly obstacleIn: (mounts: BootMounts) => string | undefined;
  /**
   * Files of the store are named, not read.
   *
   * @throws MkimageError RESOLVE_FAILED when a file of the bootloader is gone.
   */
  readonly install: (options: HostInstallOptions, store: StoreReader) => Installation;
}
