import { type Bytes, formatSize } from "../../base/units.ts";
import type { Step } from "../../steps/step.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { FoundDisks } from "../found.ts";

/** Disks as they are, held against a tree: what differs, what would be done about it, and what that would leave. */
export interface TreeDifference {
  /** Every node of the tree, and what there is beside them, each before what it holds. */
  readonly nodes: readonly NodeDifference[];
  /** The tree at the devices where its nodes are, or will be. */
  readonly tree: DeviceTree;
  /** The steps that change the disks. Nothing may be refused. */
  readonly steps: readonly Step[];
  /** The disks after the steps. */
  readonly after: FoundDisks;
  /** Paths that the user lets go of, and at which there is nothing to let go: it may have gone before. */
  readonly absent: readonly string[];
}

/** One node of the tree, or one that is there and not in it. */
export interface NodeDifference {
  /** In the tree, or where the tree would have it: `disk.main.content.partitions.root`. */
  readonly path: string;
  /** For people: `partition 2`, `a filesystem (ext4)`. */
  readonly what: string;
  readonly device: string | null;
  readonly state: NodeState;
  /** The gravest of what is done to it. */
  readonly change: ChangeKind;
  /** In which it differs. */
  readonly properties: readonly Property[];
  /** The size of its device; `null` where it has none, or is not there. */
  readonly before: Bytes | null;
  readonly after: Bytes | null;
  /** Why nothing is done, and what would help. */
  readonly refusal?: string | undefined;
  /** Everything that would be lost with it. */
  readonly loses: readonly string[];
}

/** `extra`: it is there, not in the tree, and stays. */
type NodeState = "same" | "missing" | "different" | "in the way" | "unknown" | "extra";

/** From what loses nothing to what does. */
const changeKinds = ["none", "free", "additive", "growing", "shrinking", "destructive"] as const;

/**
 * - `free`: names, labels, flags, options; subvolumes, datasets and volumes where there is room; swap switched on
 * - `additive`: a partition in free space, a further member of a group
 * - `growing`, `shrinking`: of what is there, with all that it holds
 * - `destructive`: anything else
 */
export type ChangeKind = (typeof changeKinds)[number];

/** Different in NAME, from OLD to NEW. */
export interface Property {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly change: ChangeKind;
}

/** The gravest of some changes. */
export function gravest(kinds: readonly ChangeKind[]): ChangeKind {
  return changeKinds[Math.max(0, ...kinds.map((kind) => changeKinds.indexOf(kind)))] ?? "none";
}

/** The nodes that keep a difference from being applied. */
export function refused({ nodes }: Pick<TreeDifference, "nodes">): NodeDifference[] {
  return nodes.filter(({ refusal }) => refusal !== undefined);
}

/** The nodes with which something is lost. */
export function lossesIn({ nodes }: Pick<TreeDifference, "nodes">): NodeDifference[] {
  return nodes.filter(({ change }) => change === "destructive");
}

/** Sizes of a device, where they differ. */
export function sizeProperties(before: Bytes, after: Bytes): Property[] {
  if (before === after) return [];
  const change = after > before ? "growing" : "shrinking";
  return [{ name: "size", from: formatSize(before), to: formatSize(after), change }];
}
