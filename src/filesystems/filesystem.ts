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
  /** Its parts in scripts, such as what tells it from stale bytes. */
  readonly shell?: ShellParts;
  /** Where it leaves boot code room. */
  readonly bootCode: "ext" | "fat" | "btrfs" | "other";
}

interface FilesystemGrowth {
  /** Whether Linux grows it while it is mounted. */
  readonly mounted: boolean;
  /** Source: systemd-growfs(8). */
  readonly bySystemd: boolean;
  /** The program with which the initrd scripts of NixOS before 23.11 grow it; `null`: they do not. */
  readonly byScripts: string | null;
}
