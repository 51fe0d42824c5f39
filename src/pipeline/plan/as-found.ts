import type { FoundMount } from "../../guest/script-job.ts";
import type { ImagePlan, PlannedFilesystem } from "./image-plan.ts";

/**
 * A plan whose disks were made by somebody else: of tables and identifiers it holds nothing but what was found, by mount
 * point.
 */
export function asFound(plan: ImagePlan, found: ReadonlyMap<string, FoundMount>): ImagePlan {
  const disks = plan.layout.disks.map((disk) => ({ ...disk, table: null, content: null }));
  const filesystems = plan.filesystems.flatMap((planned) => withFound(planned, found));
  return { ...plan, layout: { ...plan.layout, disks }, filesystems };
}

function withFound(planned: PlannedFilesystem, all: ReadonlyMap<string, FoundMount>): PlannedFilesystem[] {
  const [found] = planned.mounts.flatMap(({ mountpoint }) => all.get(mountpoint) ?? []);
  if (found === undefined) return [];
  const { type: kind, uuid, label, size, freeBytes } = found;
  const filesystem = { ...planned.filesystem, uuid, label, size, place: null };
  return [{ ...planned, filesystem, plan: { madeBy: "guest", kind, size, freeBytes } }];
}
