import type { Step } from "../../steps/step.ts";
import type { FoundDisks, FoundNode } from "../found.ts";
import type { NodeDifference } from "./difference.ts";
import type { ChangePlace, InsidePair, MemberPair, ChangePhase } from "./type-changes.ts";

/** The findings of a comparison, as it goes: one list of everything, in the order of the tree. */
export interface Findings {
  readonly nodes: NodeDifference[];
  readonly steps: { readonly phase: ChangePhase; readonly at: (place: ChangePlace) => readonly Step[] }[];
  readonly members: (MemberPair & { readonly kind: string; readonly wantedGroup: string })[];
  /** The devices of partitions, by their paths in the tree. */
  readonly devices: Map<string, string>;
  /** Facts of nodes after the changes, by their paths in the tree. */
  readonly after: Map<string, FoundNode>;
  /** Everything that is there, is not in the tree, and stays: by its path, where it was found. */
  readonly kept: Map<string, string>;
}

/** The means of a comparison. */
export interface Comparing {
  readonly found: FoundDisks;
  readonly findings: Findings;
  /** Whether the user lets go of what is at a path. */
  readonly destroys: (path: string) => boolean;
  /** Compares what fills a device; tables hold devices, and devices tables. */
  readonly compareDevice: (pair: DevicePair, comparing: Comparing) => void;
}

/** A device of the tree, and what fills it as it is and as it will be. `name` is that of its provider: `disk-main`. */
export interface DevicePair extends InsidePair {
  readonly name: string;
  readonly sectorSize: 512 | 4096;
}

/** Returns the facts of a node that was found, by its path there. */
export function factsOf({ found }: Comparing, path: string | undefined): FoundNode | undefined {
  return path === undefined ? undefined : found.nodes.get(path);
}
