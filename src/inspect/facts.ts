import type { Growth } from "../bootloaders/growth/finding.ts";

/** The output of `mkimage inspect --json`: plain data, sizes in bytes, `first` and `last` in sectors of `sectorSize`. */
export interface InspectFacts {
  readonly version: 1;
  readonly disks: readonly DiskFacts[];
  readonly boot: BootFacts;
  /** Whether the system uses the space of a larger disk by itself, as in a plan; `null` where no system is found. */
  readonly grows: Growth | null;
  /** `null` where no filesystem that can be read has a Nix store. */
  readonly closure: ClosureFacts | null;
  /** `image.json` beside the image, as the build wrote it. */
  readonly build: Readonly<Record<string, unknown>> | null;
}

export interface DiskFacts {
  readonly name: string;
  readonly format: string;
  readonly size: number;
  /** Bytes that the image file occupies where it is stored. */
  readonly storedBytes: number;
  readonly sectorSize: number;
  readonly table: { readonly kind: "gpt" | "msdos"; readonly id: string } | null;
  /** Ascending by their place. */
  readonly partitions: readonly PartitionFacts[];
  /** Room between and behind the partitions, of 1 MiB and more. */
  readonly gaps: readonly { readonly offset: number; readonly size: number }[];
  readonly faults: readonly string[];
}

export interface PartitionFacts {
  /** `null`: the filesystem is the whole disk. */
  readonly number: number | null;
  readonly first: number;
  readonly last: number;
  readonly offset: number;
  readonly size: number;
  readonly name: string;
  /** A GUID, or two hexadecimal digits. */
  readonly type: string;
  /** The purpose of that type. */
  readonly purpose: string;
  readonly guid: string;
  readonly content: ContentFacts;
}

export interface ContentFacts {
  /** As blkid names it: `ext4`, `vfat`, `swap`, `crypto_LUKS`; `null` where it knows none. */
  readonly type: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  /** Bytes that an ordinary user can still write; `null` where the filesystem cannot be read. */
  readonly freeBytes: number | null;
  readonly names: number | null;
  readonly faults: readonly string[];
}

export interface BootFacts {
  /** The kinds of firmware that find something to start. */
  readonly firmware: readonly ("bios" | "efi")[];
  /** The boot code and EFI programs found that firmware starts. */
  readonly loaders: readonly { readonly name: string; readonly place: string }[];
  readonly entries: readonly BootEntryFacts[];
}

export interface BootEntryFacts {
  readonly title: string;
  /** The file that says so. */
  readonly source: string;
  readonly isDefault: boolean;
  readonly kernel: string | null;
  readonly initrd: readonly string[];
  readonly options: string;
  /** Files that it names and that are not there. */
  readonly missing: readonly string[];
}

export interface ClosureFacts {
  /** Of all paths together. */
  readonly size: number;
  readonly roots: readonly { readonly name: string; readonly path: string }[];
  /** In bytewise order. */
  readonly paths: readonly StorePathFacts[];
  /** Paths that are there and that the database does not know: Nix takes them for garbage. */
  readonly unregistered: readonly string[];
  readonly faults: readonly string[];
}

export interface StorePathFacts {
  readonly path: string;
  /** The bytes of its files; a file with several names counts once. */
  readonly size: number;
  readonly references: readonly string[];
  /** From the root's name to this path, each referring to the next; empty where nothing keeps it. */
  readonly why: readonly string[];
}
