import type { Fault } from "../base/schema/faults.ts";
import { rulesOfPresets, rulesOfTrees } from "./rules/disks.ts";
import { rulesOfImages } from "./rules/images.ts";
import { faultsBy } from "./rules/rule.ts";
import { rulesOfSystems } from "./rules/systems.ts";
import type { Request } from "./schema.ts";

/** Returns the faults of a request whose values are valid one by one but not together. Each line says what to do. */
export function contradictions(request: Request): Fault[] {
  const isPreset = request.partition !== undefined || request.onlyNixStore || request.root !== undefined;
  return [
    ...faultsBy([...rulesOfSystems, ...rulesOfImages], request),
    ...(request.devices === undefined ? [] : contradictionsWithTree(request)),
    ...(request.devices === undefined && isPreset ? contradictionsWithPreset(request) : []),
  ];
}

/** As `contradictions`, where the disks turn out to be those of a device tree. */
export function contradictionsWithTree(request: Request): Fault[] {
  return faultsBy(rulesOfTrees, request);
}

/** As `contradictions`, where the disks turn out to be those of a partition table from this program. */
export function contradictionsWithPreset(request: Request): Fault[] {
  return faultsBy(rulesOfPresets, request);
}
