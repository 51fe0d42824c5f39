import type { Claim } from "./claim.ts";
import type { CommandStep, Step } from "./step.ts";

/** Everything that can be done to a node of the tree, with all that it holds. */
export interface NodeSteps {
  /** The conditions outside of the disks without which it cannot be made. */
  readonly checks?: readonly Precondition[];
  /** The contents that it wants on devices. */
  readonly claims: readonly Claim[];
  readonly create: readonly Step[];
  /** Makes the devices appear that the node provides: opened containers, activated volumes, swap switched on. */
  readonly open: readonly Step[];
  readonly mounts: readonly MountSteps[];
  /** The reverse of `open`. */
  readonly close: readonly Step[];
  /** As `close`, but for good, so that nothing claims the disks again. Without it `close` does. */
  readonly remove?: readonly Step[];
}

/** A look at something that making a node takes, such as a token: it ends the script, and changes nothing. */
export interface Precondition {
  /** Where it is made already, nothing has to be looked at. */
  readonly claim: Claim;
  readonly step: CommandStep;
}

/** One mount of a filesystem. */
export interface MountSteps {
  /** In the system: `/boot`. */
  readonly mountpoint: string;
  readonly mount: readonly Step[];
  readonly unmount: readonly Step[];
}

export const noSteps: NodeSteps = { claims: [], create: [], open: [], mounts: [], close: [] };

/** The steps of several nodes: what is made first is taken apart last. */
export function inOrder(nodes: readonly NodeSteps[]): NodeSteps {
  const reversed = nodes.toReversed();
  return {
    checks: nodes.flatMap(({ checks = [] }) => checks),
    claims: nodes.flatMap(({ claims }) => claims),
    create: nodes.flatMap(({ create }) => create),
    open: nodes.flatMap(({ open }) => open),
    mounts: nodes.flatMap(({ mounts }) => mounts),
    close: reversed.flatMap(({ close }) => close),
    remove: reversed.flatMap(({ remove, close }) => remove ?? close),
  };
}
