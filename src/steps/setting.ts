import type { Identity } from "../layout/identity.ts";
import type { Layout } from "../layout/layout.ts";

/** What the steps of a tree depend on beside the tree. */
export interface StepSetting {
  /** The folder where the tree is mounted: `/mnt`. */
  readonly root: string;
  /** Where disks are on the machine that runs the steps, by name, when that is not where the tree says. */
  readonly devices?: Readonly<Record<string, string>>;
  /** Where identifiers come from that the tree leaves open. Without it the tools draw them. */
  readonly identity?: Identity;
  /** The tree solved for the sizes of these disks: partitions get exactly these sectors. Without it the tools decide. */
  readonly layout?: Layout;
}
