import type { DeviceTree } from "../../devices/device-tree.ts";
import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import type { FilePlace } from "../../manifest/tree.ts";
import type { Growth } from "../../bootloaders/growth/finding.ts";
import type { Architecture } from "../../guest/architecture.ts";
import type { BootFirmware } from "../../bootloaders/boot-firmware.ts";
import type { Installer } from "../../bootloaders/installer.ts";
import type { ImageSettings } from "../../nix/image-settings.ts";
import type { Bootspec } from "../../nix/bootspec.ts";
import type { Tool } from "../../runtime/tools.ts";
import type { VariantSettings } from "../../variants/settings.ts";
import type { NamedOwner } from "../../guest/install-job.ts";

/** The sources of an image, known and not yet read: the result of resolving, and the input of planning. */
export interface ImageSource {
  /** The user's own device tree. */
  readonly tree: DeviceTree | undefined;
  /** The executable that makes its disks in a guest, in place of our own steps. */
  readonly script?: Script | undefined;
  /** The settings that the configuration has for the image variant that is asked for. */
  readonly variant: VariantSettings | undefined;
  /** The settings of the system's configuration for its images; absent where there is none to ask. */
  readonly settings?: ImageSettings | undefined;
  /** Folders with further programs for the post hook. */
  readonly hookPath?: readonly string[] | undefined;
  /** Absent where there is no system: a store of its own, or a root tree. */
  readonly system: InstalledSystem | undefined;
  /** The system's `nixos-install`, where that is to install it. */
  readonly ownInstaller?: OwnInstaller | undefined;
  /** The store paths that were asked for, or the name of the root tree. */
  readonly roots: readonly string[];
  readonly storePaths: readonly SizedStorePath[];
  /** The SHA-256 of their NARs, by their names. */
  readonly storeSums: ReadonlyMap<string, string>;
  /** Everything on the root filesystem, and on those mounted below it, before the bootloader. */
  readonly files: DirectoryInode;
  /** The files that the user asked for, each with its path: they have to be in the image. */
  readonly asked: readonly FilePlace[];
  /** Paths whose owners have names that only the system itself can resolve. */
  readonly namedOwners: readonly NamedOwner[];
  /** Files and folders of this machine that are kept off its disks, other than in the image itself. */
  readonly privateSources: readonly ByteString[];
}

/** The `nixos-install` that installs a system in a guest. */
export interface OwnInstaller {
  /** The path of the program: in the system, or else in a store path of its own. */
  readonly program: string;
  /** Store paths that come along, since the system does not have them. */
  readonly storePaths: readonly string[];
  /** Programs that come along in the guest's toolbox: Nix, where the system has none. */
  readonly tools: readonly Tool[];
  /** The contents that the user asked for: what is there before the system is installed. */
  readonly before: DirectoryInode;
}

/** An executable that makes disks. */
export interface Script {
  readonly path: string;
  /** Its contents, one character a byte. */
  readonly text: string;
}

export interface InstalledSystem {
  readonly toplevel: string;
  readonly architecture: Architecture;
  readonly bootspec: Bootspec | undefined;
  /** The installer of its bootloader. */
  readonly installer: Installer;
  /** The names that its bootloader knows its disks by. */
  readonly bootDevices: readonly string[];
  /** The firmware that is to start it; undefined where neither its settings nor its installer say. */
  readonly firmware: BootFirmware | undefined;
  /** Its `/etc/fstab`; empty where it has none. */
  readonly fstab: string;
  /** Whether it uses the space of a larger disk by itself. */
  readonly growth: Growth;
}

interface SizedStorePath {
  readonly path: string;
  /** The size of its NAR in bytes. */
  readonly narSize: number;
}
