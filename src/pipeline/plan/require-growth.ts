import { MkimageError } from "../../base/errors.ts";
import type { Blueprint } from "./blueprint.ts";
import { growthFaults, linesToAdd } from "./growth-faults.ts";
import type { ImagePlan } from "./image-plan.ts";

/**
 * Holds a build to what its request demands: that the system uses the space of a larger disk by itself.
 *
 * @throws MkimageError BAD_REQUEST with every reason why it would not, and the lines that a NixOS configuration lacks.
 */
export function requireGrowth({ request, source }: Blueprint, { layout }: ImagePlan): void {
  if (!request.grow) return;
  const growth = source.system?.growth;
  const faults = growthFaults(layout, growth);
  if (faults.length === 0) return;
  const lines = growth === undefined ? [] : linesToAdd(growth);
  throw new MkimageError("BAD_REQUEST", "the system does not grow by itself on a larger disk, as grow demands", {
    details: faults,
    hint:
      lines.length > 0
        ? `add to its configuration: ${lines.join(" ")}`
        : "make its root the last partition, with ext4, xfs or btrfs in it; or drop grow",
  });
}
