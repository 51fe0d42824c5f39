import type * as z from "zod";
import type { NixValue } from "../nix/nix-text.ts";
import type { TakenThing } from "../base/shared-things.ts";
import type { ShellParts } from "../runtime/shell-parts.ts";
import type { NodeSteps } from "../steps/node-steps.ts";
import type { DeviceContent, PartitionContent } from "./content.ts";
import type { ContentReading } from "./found/reading.ts";
import type { ContentChanges } from "./changes/type-changes.ts";
import type { LayoutRules } from "./layout/rules.ts";
import type { StepContext } from "./steps/context.ts";
import type { Located } from "./tree/locate.ts";
import type { TreeMount } from "./tree/mount.ts";

/**
 * A type of node that fills a block device. `types/NAME/index.ts` exports one, and `registry.ts` lists it; nothing else knows
 * a type by its name. What is optional most types do without.
 */
export interface ContentType<Node extends DeviceContent = DeviceContent> {
  /** Its options. What can lie in it is taken when a tree is read, since the types contain each other. */
  readonly schema: (inside: ContentSchemas) => z.ZodObject;
  /** How much room it needs and what becomes of it in a layout. */
  readonly layout: LayoutRules<Node>;
  /** All that is done to it. */
  readonly steps: (located: Located<Node>, context: StepContext) => NodeSteps;
  /** Its contents, in the order of the tree. */
  readonly contents?: (node: Node, path: string) => readonly ContentAt[];
  /** The same at its devices, in the order of their numbers. */
  readonly inside?: (located: Located<Node>) => readonly Located[];
  /** The filesystem that it makes on its device, by its format. */
  readonly format?: (node: Node) => string;
  /** Whether what it makes is used by the installed system alone: a guest that fills the disks leaves it closed. */
  readonly isForSystemOnly?: boolean;
  /** The things that only one node of a tree can have. */
  readonly takes?: (node: Node, path: string) => readonly TakenThing[];
  readonly mounts?: (node: Node, path: string) => readonly TreeMount[];
  /** The kernel modules that making and mounting it takes; built-in ones are fine. */
  readonly modules?: (node: Node) => readonly string[];
  /** The paths of its devices in the installed system, each with the path on the machine that runs the steps. */
  readonly deviceNames?: (located: Located<Node>) => readonly (readonly [installed: string, here: string])[];
  /** Its part of the NixOS module, by the names of options. */
  readonly nixos?: (located: Located<Node>) => NixosSettings;
  /** By what the kernel knows it, once it is in use. */
  readonly users?: (located: Located<Node>) => readonly NodeUser[];
  readonly keys?: (node: Node) => NodeKeys;
  /** The reason why it can be made on a machine and in no image: a line that begins with the option. */
  readonly machineOnly?: (node: Node) => string | undefined;
  /** How one that is there becomes the one that a tree wants. */
  readonly changes?: ContentChanges<Node>;
  /** The functions that its steps call, and what else it adds to scripts. */
  readonly shell?: ShellParts;
  /** How it is read from disks as they are. */
  readonly found?: ContentReading;
}

/** The schemas of what can lie in a node. */
export interface ContentSchemas {
  readonly device: z.ZodType<DeviceContent, unknown>;
  readonly partition: z.ZodType<PartitionContent, unknown>;
}

/** Where a node can hold another: what it holds there. */
export interface ContentAt {
  /** `disk.main.content.partitions.root.content` */
  readonly path: string;
  readonly node: DeviceContent | null;
}

/** Options of NixOS by name. Those of several nodes are merged: sets and lists grow, of anything else the first one counts. */
export type NixosSettings = Readonly<Record<string, NixValue>>;

/** A user of a disk on behalf of a node of the tree, as the kernel reports it. */
export interface NodeUser {
  /** `array`: whatever the kernel calls an array whose members say that they are of this one. */
  readonly kind: "swap" | "crypt" | "lvm" | "group" | "md" | "array" | "zfs";
  /** The name of the kernel, of the device mapper, of the group or of the pool, or a path of the device. */
  readonly name: string;
}

/** The keys that open a node. */
export interface NodeKeys {
  /** The name of the node whose password is asked for. */
  readonly asked?: string | undefined;
  /** The paths of its key files, on the machine that runs the steps. */
  readonly files: readonly string[];
}
