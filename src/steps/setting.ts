import type { Identity } from "../base/identity.ts";
import type { Layout } from "../layout/layout.ts";

/** The inputs of the steps of a tree, besides the tree. */
export interface StepSetting {
  /** The folder where the tree is mounted: `/mnt`. */
  readonly root: string;
  /** Where disks are on the machine that runs the steps, by name, when that is not where the tree says. */
  readonly devices?: Readonly<Record<string, string>>;
  /** Where identifiers come from that the tree leaves open. Without it the tools draw them. */
  readonly identity?: Identity;
  /** The tree solved for the sizes of these disks: partitions get exactly these sectors. Without it the tools decide. */
  readonly layout?: Layout;
  /** The nodes that are laid out already, by their path in the tree: these steps do not make them. */
  readonly laidOut?: ReadonlyMap<string, LaidOut>;
  /** Where passwords that would be asked for are, by what they are of. */
  readonly passwords?: ReadonlyMap<string, string>;
  /** Every disk holds nothing but zeros and what is laid out, so that nothing has to be brought into step. */
  readonly blank?: boolean;
}

/** Something that need not be made: it is in its place, or its blocks are copied there. */
export type LaidOut =
  | { readonly kind: "in place" }
  /** The command that copies the blocks, but for the device that they go to. */
  | { readonly kind: "copied"; readonly argv: readonly string[] };
