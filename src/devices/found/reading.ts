import type { NixValue } from "../../nix/nix-text.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { FoundNode } from "../found.ts";
import type { BlockFacts, BlockUse, DeviceQuestion, FstabLine } from "./facts.ts";

/** A node as a user would write it: without what goes without saying. */
export type NodeText = { readonly [option: string]: NixValue };

/** How a type of node is read from a device that it fills. */
export interface ContentReading {
  /** Whether it is this type that fills a device. */
  readonly fills: (block: BlockFacts) => boolean;
  /** Questions about such a device. `path` is where programs find it, on the machine or as a file. */
  readonly questions?: (path: string, block: BlockFacts) => Readonly<Record<string, DeviceQuestion>>;
  /** Whether the programs that are asked read more than both ends of a device. */
  readonly readsAll?: boolean;
  /** `null` where no node can say what is there, which is named then. */
  readonly read: (block: BlockFacts, at: FoundPlace, reader: TreeReader) => NodeText | null;
  /** The name of the disk that it is on, where it says one. */
  readonly holderName?: (block: BlockFacts) => string | undefined;
}

/** How a group is read from its members. */
export interface UnitReading {
  readonly read: (group: FoundGroup, reader: TreeReader) => NodeText;
}

/** Where a node that is read stands. */
export interface FoundPlace {
  /** `disk.main.content` */
  readonly path: string;
  /** The type and the name of what provides its device: `disk-main`. */
  readonly holder: string;
  /** Whether it may be a table: not in partitions and volumes. */
  readonly mayBeTable: boolean;
}

/** A group with the members that were found. */
export interface FoundGroup {
  readonly kind: keyof DeviceTree;
  readonly name: string;
  readonly key: string;
  /** `lvm_vg.pool` */
  readonly path: string;
  readonly members: readonly FoundMember[];
}

/** The name of a group, and what tells it from another one of that name. */
export interface GroupIdentity {
  readonly name: string;
  readonly id: string;
}

export interface FoundMember {
  readonly path: string;
  readonly block: BlockFacts;
}

/** The walk over devices, as the types of nodes see it. */
export interface TreeReader {
  /** A device by its name. */
  readonly device: (name: string) => BlockFacts | undefined;
  /** All devices that were looked at. */
  readonly all: () => readonly BlockFacts[];
  /**
   * Whether a device is the last of several that is read: a tree makes them in this order, and what lies on all of them when
   * the last one is there. Devices of which the last is never read are named.
   */
  readonly isLast: (devices: readonly BlockFacts[], path: string) => boolean;
  /** The devices on a device, and on those. */
  readonly above: (block: BlockFacts) => readonly BlockFacts[];
  /** Reads what fills a device; `null` where that is nothing, or nothing that a tree can say. */
  readonly content: (block: BlockFacts | undefined, at: FoundPlace) => NodeText | null;
  /** Names what no tree can say. */
  readonly note: (path: string, reason: string) => void;
  /** Names damage, for which nothing at the path is changed. */
  readonly fault: (path: string, reason: string) => void;
  /** Adds to what is known of a node, at a device or at none. */
  readonly know: (path: string, block: BlockFacts | undefined, known?: Partial<FoundNode>) => void;
  /** Makes a device a member of a group; not where another group has the name, which is named then. */
  readonly join: (kind: keyof DeviceTree, group: GroupIdentity, member: FoundMember) => boolean;
  /** Returns the answer of a program; a question that was not answered is named. */
  readonly answer: (block: BlockFacts, question: string, path: string) => string | undefined;
  /** Where a filesystem or a subvolume of it is mounted in the system, and how. */
  readonly mounted: (block: BlockFacts, subvolume?: string) => MountText;
  /** Where a subvolume is mounted now, for what is known of its node. */
  readonly usedBy: (block: BlockFacts, subvolume: string) => Pick<FoundNode, "usedAt">;
  /** A path of a device for a configuration: one that stays when the kernel gives other names. */
  readonly nameOf: (block: BlockFacts) => string;
  readonly fstabOf: (block: BlockFacts) => readonly FstabLine[];
}

/** A mount as a node has it. */
export interface MountText {
  readonly mountpoint?: string;
  readonly mountOptions?: readonly string[];
}

/** Where a device is used, as `FoundNode.usedAt` has it. */
export function usedAt(uses: readonly BlockUse[]): string[] {
  return uses.flatMap((use) => (use.kind === "swap" ? "swap" : use.kind === "mount" ? use.mountPoint : []));
}

/** Returns the answer of a program, where there is one. */
export function answerOf({ answers }: BlockFacts, question: string): string | undefined {
  const answer = answers[question];
  return answer !== undefined && "text" in answer ? answer.text : undefined;
}
