import { MkimageError } from "../base/errors.ts";
import type { DeployRequest } from "./deploy-request.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import type { PreparedDeployment } from "./prepare-deployment.ts";
import { describeBriefly, deviceAt, type TargetDisk, wantedDisks } from "./target-disks.ts";

/**
 * The disks of a target that are to be overwritten, if nothing speaks against deploying to it.
 *
 * @throws MkimageError REFUSED_DEVICE with every reason; BAD_REQUEST for a disk whose place nobody tells.
 */
export function requireFit(
  _request: DeployRequest,
  { draft, devices }: PreparedDeployment,
  facts: TargetFacts,
): TargetDisk[] {
  const wanted = wantedDisks(draft.blueprint.tree, devices, facts.disks);
  return wanted.map((disk) => {
    const device = deviceAt(disk.path, facts.disks);
    if (device !== undefined) return { ...disk, device };
    throw new MkimageError("REFUSED_DEVICE", `${facts.hostname} has no disk ${disk.path}`, {
      details: facts.disks.map(describeBriefly),
      hint: `name another one: --disk ${disk.name} DEVICE; nothing was changed`,
    });
  });
}
