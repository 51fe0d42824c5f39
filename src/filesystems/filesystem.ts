import type { Bytes } from "../base/units.ts";
import type { Tool } from "../runtime/tools.ts";
import type { ShellParts } from "../runtime/shell-parts.ts";
import type { FilesystemLimits } from "./limits.ts";
import type { Mkfs } from "./mkfs/mkfs.ts";
import type { Survey } from "./survey.ts";

/** All that mkimage knows of one filesystem; whoever needs to know asks `registry.ts`. */
export interface Filesystem {
  /** How images are made with it; `null`: only machines get it, by their own mkfs. */
  readonly survey: Survey | null;
  /** The most that it holds of a file, where its survey does not look itself. */
  readonly limits: FilesystemLimits;
  /** How its program is told names; `null` where it has none, and is passed a user's arguments only. */
  readonly mkfs: Mkfs | null;
  /** The program whose version decides how much it takes for itself; `null`: all that were measured take the same. */
  readonly sizedBy: Tool | null;
  /** The TYPE values that blkid reports for what its program makes; the first one for most of them. */
  readonly contents: readonly [string, ...string[]];
  /** The kernel's module that mounts it; `null`: there is none. A kernel may have it built in. */
  readonly driver: string | null;
  /** Modules that its driver loads by itself, where there is something that loads. */
  readonly driverLoads: readonly string[];
  /**
   * Modules of checksums that its driver asks the kernel's crypto for by name at mount time. Kernels since 6.14 have them built into a
   * library.
   */
  readonly checksums: readonly string[];
  /** Programs that work on it through its driver, mounted or not. */
  readonly programs: readonly string[];
  /** Whether a `mount.NAME` needs the driver as well: others bring all that they need, as NTFS's does. */
  readonly helperNeedsDriver: boolean;
  /** Whether firmware reads it, so that what boots may lie there. */
  readonly firmwareReads: boolean;
  /** Whether more may be put into it than its size. */
  readonly compresses: boolean;
  readonly growth: FilesystemGrowth;
  /** How it is changed with all that is in it; undefined: it is made once. */
  readonly changes?: FilesystemChanges;
  /** The names by which blkid knows devices that a filesystem elsewhere needs, such as its journal. */
  readonly parts?: readonly string[];
  /** Its parts in scripts, such as what tells it from stale bytes. */
  readonly shell?: ShellParts;
  /**
   * The byte ranges at its beginning that it leaves to boot code. None where its superblock is in the first sector (XFS), or no installer
   * puts any before it (GRUB refuses f2fs, which it cannot find its blocks on, and knows no bcachefs).
   *
   * Source: GRUB's `reserved_first_sector` and `blocklist_install` of its filesystems.
   */
  readonly bootCode: readonly ByteRange[];
  /** Whether the root of a preset can have it. */
  readonly canBeRoot: boolean;
  /** Whether all that blkid tells of it, and of its parts elsewhere, is at both ends of its device. */
  readonly endsTellAll: boolean;
  /** Magic numbers that stable releases of blkid do not know. */
  readonly marks?: readonly MagicNumber[];
}

/** The end is the first byte that is outside. */
export type ByteRange = readonly [start: Bytes, end: Bytes];

/** Bytes by which a filesystem is known, in hexadecimal. */
interface MagicNumber {
  readonly offset: Bytes;
  readonly hex: string;
}

/** How a filesystem is changed with all that is in it, as command lines. */
export interface FilesystemChanges {
  /** Looks whether it is sound, and writes nothing but what its journal holds; not while it is mounted. */
  readonly check: (device: string) => readonly string[];
  /** Ends the run where something else is mounted at a place; without it the numbers of both devices are compared. */
  readonly requireMounted?: (device: string, mountpoint: string) => readonly string[];
  /** Grows it to the size of its device, mounted or not; where one of both is missing, it takes the other. */
  readonly grow?: {
    readonly mounted?: (mountpoint: string, device: string) => readonly string[];
    readonly unmounted?: (device: string) => readonly (readonly string[])[];
  };
  /** Makes it smaller, while it is not mounted. */
  readonly shrink?: (device: string, size: Bytes) => readonly (readonly string[])[];
  /** Gives it another label; without `mounted` not while it is mounted. */
  readonly label?: {
    readonly mounted?: (mountpoint: string, device: string, label: string) => readonly string[];
    readonly unmounted: (device: string, label: string) => readonly string[];
  };
  /** The most that it leaves unused at the end of its device: it is not grown for less. */
  readonly slack: Bytes;
}

interface FilesystemGrowth {
  /** Whether Linux grows it while it is mounted. */
  readonly mounted: boolean;
  /** Source: systemd-growfs(8). */
  readonly bySystemd: boolean;
  /** The program with which the initrd scripts of NixOS before 23.11 grow it; `null`: they do not. */
  readonly byScripts: string | null;
}
