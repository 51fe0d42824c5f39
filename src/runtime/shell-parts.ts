import type { Tool } from "./tools.ts";

/** A function that rendered scripts share; a script carries those that it calls. */
export interface ShellFunction {
  /** Its definition, below a comment that says how it is called. */
  readonly text: string;
  /** The programs that it calls itself, on any machine. */
  readonly tools: readonly Tool[];
  /** The functions that it calls. */
  readonly needs?: readonly string[];
  /** Those that it calls only for what it finds on a device, where the programs of that are taken to be there. */
  readonly mayNeed?: readonly string[];
}

/** Functions by name. */
export type ShellFunctions = Readonly<Record<string, ShellFunction>>;

/** All that a device type or a filesystem adds to rendered scripts. What is optional most do without. */
export interface ShellParts {
  readonly functions: ShellFunctions;
  readonly lost?: LostContent;
  readonly wiping?: Wiping;
  /** The setting by which its programs make their nodes themselves where there is no udev: `NAME=1`. */
  readonly withoutUdev?: string;
}

/** Content of a device that blkid does not see any more, and that is somebody's all the same. */
export interface LostContent {
  /** For messages: `an ext filesystem whose first superblock is lost`. */
  readonly what: string;
  readonly found:
    /** Whether the condition holds for the device in `$1`. */
    | { readonly by: "condition"; readonly condition: string; readonly tools: readonly Tool[] }
    /** Whether the function of this name succeeds, which prints the UUID. What was there before this run cleared it does not count. */
    | { readonly by: "uuid"; readonly uuidOf: string };
}

/** Lines of the function that has a disk and its partitions forget what they hold, with what they call. */
export interface Wiping extends Omit<ShellFunction, "text"> {
  /** For each partition, in `$partition`, before anything else. */
  readonly partition?: string;
  /** For each partition and the disk, in `$1`, before their signatures go. */
  readonly before?: string;
  /** After that. */
  readonly after?: string;
}
