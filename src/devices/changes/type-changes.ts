import type { TableChanges } from "./table-changes.ts";
import type { Bytes } from "../../base/units.ts";
import type { Step } from "../../steps/step.ts";
import type { DeviceContent } from "../content.ts";
import type { FoundNode } from "../found.ts";
import type { StepContext } from "../steps/context.ts";
import type { Located } from "../tree/locate.ts";
import type { Unit } from "../tree/units.ts";
import type { Property } from "./difference.ts";

/** A type's own part in changes: how a node that is there becomes the one that a tree wants. */
export interface ContentChanges<Node extends DeviceContent> {
  /** Whether what is there is such a node. Default: it has the same type. */
  readonly isSame?: (wanted: Node, found: DeviceContent) => boolean;
  readonly compare?: (pair: ContentPair<Node>) => Comparison;
  readonly table?: TableChanges<Node>;
  /** Whether nothing on its device tells what it is. Default: it has a mark. */
  readonly leavesNoMark?: (wanted: Node) => boolean;
}

/** A node of the top level that other nodes are members of. */
export interface UnitChanges<Node> {
  readonly compare: (pair: UnitPair<Node>) => Comparison;
  /** The group as it is just after its making, before anything is made of it. */
  readonly empty: (node: Node) => Node;
}

/** A node of the tree, and the one that is there in its place. */
export interface ContentPair<Node> {
  readonly wanted: Node;
  readonly found: DeviceContent;
  readonly path: string;
  readonly foundPath: string;
  readonly facts: FoundNode;
  /** Returns the facts of something that lies in it, by its path behind this node's: `.content`. */
  readonly factsIn: (suffix: string) => FoundNode | undefined;
  /** The device that it fills, and its size as it is and as it will be. */
  readonly device: string;
  readonly before: Bytes;
  readonly after: Bytes;
}

/** A group of the tree, and the one that is there. */
export interface UnitPair<Node> {
  readonly wanted: Node;
  readonly found: Node;
  readonly name: string;
  readonly foundName: string;
  readonly path: string;
  readonly foundPath: string;
  readonly facts: FoundNode | undefined;
  readonly factsIn: (suffix: string) => FoundNode | undefined;
  readonly members: readonly MemberPair[];
  /** Whether something in it has the UUID, the label or the mount point that the tree gives a content. */
  readonly isKnown: (wanted: DeviceContent | null, suffix: string, found: DeviceContent | null) => boolean;
  /** Says what goes with a device of it, by its path behind the group's, what keeps it from going, and how it forgets what is on it. */
  readonly wiping: (suffix: string, content: DeviceContent | null, device: string) => LettingGo;
  /** Whether a node may be destroyed, by its path. */
  readonly destroys: (path: string) => boolean;
}

/** The loss of a device's content, the obstacle to it, and the steps that have the device forget it. */
export interface LettingGo {
  readonly loses: readonly string[];
  readonly refusal: string | undefined;
  readonly steps: StepsAt;
}

/** A member of a group of the tree. */
export interface MemberPair {
  readonly path: string;
  readonly device: string;
  /** The group that it belongs to now, by its name; undefined: it is made. */
  readonly group: string | undefined;
  /** Its facts as it was found; undefined: it is made. */
  readonly facts: FoundNode | undefined;
  readonly before: Bytes;
  readonly after: Bytes;
}

/** The differences of one node, and how they are made up. */
export interface Comparison {
  readonly properties: readonly Property[];
  readonly refusal?: string | undefined;
  readonly steps?: ChangeSteps;
  /** The devices that it provides, each as it is and as it will be. */
  readonly inside?: readonly InsidePair[];
  /** Its facts after the changes, where they differ. */
  readonly after?: Partial<FoundNode>;
  /** Parts of it that are no content of a device: subvolumes, volumes without content. */
  readonly parts?: readonly PartDifference[];
}

/** A device that a node provides. */
export interface InsidePair {
  /** Of what fills it: `lvm_vg.pool.lvs.root.content` */
  readonly path: string;
  /** The same among what was found; undefined: the device is made. */
  readonly foundPath: string | undefined;
  readonly wanted: DeviceContent | null;
  readonly found: DeviceContent | null;
  readonly device: string;
  readonly before: Bytes;
  readonly after: Bytes;
  /** Its type and name, from which partitions get their labels: `luks-crypted`. Default: that of what it is in. */
  readonly name?: string;
}

/** A part of a node: a logical volume, a subvolume. */
export interface PartDifference {
  readonly path: string;
  readonly foundPath?: string | undefined;
  readonly what: string;
  readonly device?: string | undefined;
  readonly state: "same" | "missing" | "different" | "extra" | "in the way" | "unknown";
  readonly properties: readonly Property[];
  readonly before?: Bytes | undefined;
  readonly after?: Bytes | undefined;
  readonly refusal?: string | undefined;
  readonly loses?: readonly string[] | undefined;
  readonly steps?: ChangeSteps | undefined;
}

/** The steps of each part of a run; every list in the order of the tree, but for `shrink`, which goes inside out. */
export type ChangeSteps = Partial<Record<ChangePhase, StepsAt>>;

/** The parts of a run in their order. `check` looks, and changes nothing. */
export const phases = ["check", "rename", "shrink", "remove", "grow", "adjust"] as const;

export type ChangePhase = (typeof phases)[number];

/** Steps, once the tree stands at its devices. */
type StepsAt = (at: ChangePlace) => readonly Step[];

/** The tree at the devices where its nodes will be. */
export interface ChangePlace {
  readonly context: StepContext;
  readonly located: (path: string) => Located;
  readonly unit: (path: string) => Unit;
  /** Whether a group of the tree is there already, by its kind and name. */
  readonly isGroupThere: (kind: string, group: string) => boolean;
}
