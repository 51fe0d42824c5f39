import type { Bytes } from "../../base/units.ts";
import type { ImagePlan, PlannedFilesystem } from "./image-plan.ts";

/** The plan with what a guest found to be free below mount points of filesystems that it filled. */
export function withFreeSpace(plan: ImagePlan, free: ReadonlyMap<string, Bytes>): ImagePlan {
  const filesystems = plan.filesystems.map((planned): PlannedFilesystem => {
    const measured = planned.mounts.flatMap(({ mountpoint }) => free.get(mountpoint) ?? []);
    if (planned.plan.madeBy !== "guest" || measured[0] === undefined) return planned;
    return { ...planned, plan: { ...planned.plan, freeBytes: measured[0] } };
  });
  return { ...plan, filesystems };
}
