import type * as z from "zod";
import type { TakenThing } from "../base/shared-things.ts";
import type { ShellParts } from "../runtime/shell-parts.ts";
import type { GroupPlan } from "../layout/group.ts";
import type { NodeSteps } from "../steps/node-steps.ts";
import type { ContentAt, ContentSchemas, NixosSettings, NodeKeys, NodeUser } from "./content-type.ts";
import type { UnitReading } from "./found/reading.ts";
import type { UnitChanges } from "./changes/type-changes.ts";
import type { Solver } from "./layout/solver.ts";
import type { StepContext } from "./steps/context.ts";
import type { Located } from "./tree/locate.ts";
import type { TreeMount } from "./tree/mount.ts";
import type { Unit } from "./tree/units.ts";

/** A type of node of the top level of a tree: a disk, what is made of several devices, a mount without a disk. */
export interface UnitType<Node extends UnitNode> {
  /** Of the set of all such nodes. */
  readonly description: string;
  /** The schema of that set. */
  readonly schema: (inside: ContentSchemas) => z.ZodType<Record<string, Node>, unknown>;
  readonly steps: (unit: Unit, node: Node, context: StepContext) => NodeSteps;
  /** The contents of the devices that it provides, in the order of the tree. */
  readonly contents?: (node: Node, path: string) => readonly ContentAt[];
  /** The same at their devices, by name. */
  readonly inside?: (node: Node, place: UnitPlace) => readonly Located[];
  /** Of a disk: where it is on the machine that runs the steps. */
  readonly device?: (node: Node, place: UnitPlace) => string;
  /** Whether destroying the tree wipes it. */
  readonly isWiped?: (node: Node) => boolean;
  /** The plan of its group before its members have sizes. Types without it have no members. */
  readonly plan?: (key: string, node: Node, solver: Solver) => GroupPlan;
  /** The things that only one node of a tree can have. */
  readonly takes?: (node: Node, place: Omit<UnitPlace, "devices">) => readonly TakenThing[];
  readonly mounts?: (node: Node, path: string) => readonly TreeMount[];
  /** The commands that link the partitions of a device, where the kernel's names are not the tree's. */
  readonly partitionLinks?: (device: string) => readonly (readonly string[])[];
  /** The kernel modules that making and mounting it takes; built-in ones are fine. */
  readonly modules?: (node: Node) => readonly string[];
  /** Its part of the NixOS module, by the names of options. */
  readonly nixos?: (node: Node, name: string) => NixosSettings;
  /** By what the kernel knows it, once it is in use. */
  readonly users?: (node: Node, name: string) => readonly NodeUser[];
  readonly keys?: (node: Node) => NodeKeys;
  /** How one that is there becomes the one that a tree wants. */
  readonly changes?: UnitChanges<Node>;
  /** The functions that its steps call, and what else it adds to scripts. */
  readonly shell?: ShellParts;
  /** How a group is read from its members, on disks as they are. */
  readonly found?: UnitReading;
}

/** Every node of the top level has a name, by which members and layouts speak of it. */
interface UnitNode {
  readonly name: string;
}

/** A node of the top level. */
export interface UnitPlace {
  readonly key: string;
  readonly name: string;
  /** `disk.main` */
  readonly path: string;
  /** Where disks are on the machine that runs the steps, by name, when that is not where the tree says. */
  readonly devices: Readonly<Record<string, string>>;
}
