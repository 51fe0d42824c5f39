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

/** The plan of disks that an installer in a guest has filled, with what was found to be free at their mount points. */
export function asInstalled(plan: ImagePlan, mountpoints: readonly string[], free: readonly Bytes[]): ImagePlan {
  const found = new Map(mountpoints.map((mountpoint, index) => [mountpoint, free[index] ?? Number.NaN]));
  const filesystems = plan.filesystems.map((planned): PlannedFilesystem => {
    const { kind, size, freeBytes } = planned.plan;
    return { ...planned, plan: { madeBy: "guest", kind, size, freeBytes } };
  });
  return withFreeSpace({ ...plan, filesystems }, found);
}
