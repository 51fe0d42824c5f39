import type { Bootspec } from "../nix/bootspec.ts";
import type { ReadRegion } from "./boot-regions.ts";
import type { HostInstaller } from "./host-installer.ts";
import type { StoreReader } from "./store-reader.ts";
import type { Bytes } from "../base/units.ts";
import type { BootVolume } from "./menu/boot-volume.ts";
import type { MenuEntry } from "./menu/menu-entry.ts";

/** All that is known of a bootloader. */
export interface Bootloader {
  /** Its name, for people. */
  readonly name: string;
  /** Whether it reads kernels from FAT only. */
  readonly readsFatOnly: boolean;
  /**
   * A Nix function of `{ config, loader, esp }` (`loader` is `config.boot.loader`, `esp` the mount point that it has for all) for
   * its settings, an `EvaluatedSettings`. Options that a configuration does not have count as off. All but `isOn` and `devices`
   * is asked only of one that is on.
   *
   * Source: its module in NixOS.
   */
  readonly settings: string;
  /** Recognises its installer; `undefined` where that is another's, or where mkimage knows none. */
  readonly recognise: (
    program: InstallerProgram,
    system: BootableSystem,
    store: StoreReader,
  ) => RecognisedInstaller | undefined;
  /** The disks in a text that an installer leads to. Pure. */
  readonly devicesIn: (text: string) => string[];
  /** The firmware of a system that is built, by all such texts; `undefined` where they do not say. Pure. */
  readonly firmwareOf: (texts: readonly string[], places: BootPlaces | undefined) => FirmwareNeeds | undefined;
  /** Its code outside of filesystems, where it has such. */
  readonly code?: LoaderCode;
  /** Its menu, where it has one that is read here. */
  readonly menu?: LoaderMenu;
}

/** The settings of a bootloader in a configuration, as Nix evaluates them. */
export interface EvaluatedSettings {
  readonly isOn: boolean;
  /** The disks that it is to be installed on; `nodev` and "" stand for none. */
  readonly devices?: readonly string[] | undefined;
  readonly bios?: boolean | undefined;
  readonly uefi?: boolean | undefined;
  readonly esp?: string | null | undefined;
  readonly xbootldr?: string | null | undefined;
}

/** The firmware that a system is to be started by, and the partitions that it needs for that. */
export interface FirmwareNeeds {
  readonly bios: boolean;
  readonly uefi: boolean;
  /** Where it has its EFI system partition; undefined: it does not say. */
  readonly esp: string | undefined;
  /** Where it has an extended boot loader partition. */
  readonly xbootldr: string | undefined;
}

/** The mount points of the boot partitions that an installer writes to. */
export interface BootPlaces {
  readonly esp: string;
  /** `undefined`: kernels are on the EFI system partition. */
  readonly xbootldr: string | undefined;
}

/** A system whose bootloader is to be installed. */
export interface BootableSystem {
  readonly toplevel: string;
  readonly bootspec: Bootspec | undefined;
}

/** The script that INSTALL_BOOTLOADER calls. */
export interface InstallerProgram {
  readonly path: string;
  readonly arguments: readonly string[];
  readonly script: string;
}

/** An installer that is a bootloader's, and what stands in for it, or the reason why nothing can: the end of a sentence. */
export type RecognisedInstaller =
  | { readonly places: BootPlaces; readonly host: HostInstaller }
  | { readonly places?: BootPlaces | undefined; readonly host?: undefined; readonly reason: string };

/** A disk whose sectors are read; those that are not on it are BAD_IMAGE. */
export interface ReadSectors {
  readonly sectorSize: Bytes;
  readonly read: (offset: Bytes, length: Bytes) => Uint8Array;
}

/** Boot code that an installer writes outside of filesystems. */
interface LoaderCode {
  readonly isIn: (mbr: Uint8Array) => boolean;
  /** The reasons why code in the MBR cannot go on, by what is on the disk. */
  readonly faults: (mbr: Uint8Array, disk: ReadSectors) => readonly string[];
  /** The reason why code in the MBR, with what else was written, works on this one disk only. */
  readonly boundTo: (mbr: ReadRegion, embedded: readonly ReadRegion[], sectorSize: Bytes) => string | undefined;
}

/** The menu that a bootloader shows, and the programs by which one knows that it shows one. */
interface LoaderMenu {
  /** The name in a boot block that it wrote, which is text of one sector; `undefined`: another's. */
  readonly nameInBootBlock?: (sector: string) => string | undefined;
  /** The name of one of its EFI programs, by the first bytes as text; `undefined`: another's. */
  readonly nameInProgram?: (text: string) => string | undefined;
  /** The entries that it shows of a filesystem. `volumes` are all that it could name. */
  readonly entries: (volume: BootVolume, volumes: readonly BootVolume[]) => MenuEntry[];
}
