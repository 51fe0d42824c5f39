import { dataRuns } from "../image/data-runs.ts";
import { holeGrid } from "../image/chunk.ts";
import { imageOf } from "../image/disk-source.ts";
import type { Run } from "../image/extent.ts";
import type { DeviceImage, Image } from "../image/image.ts";
import type { DiskLayout } from "../layout/layout.ts";
import type { BuildContext } from "../pipeline/context.ts";
import { type Draft, draftOf } from "../pipeline/draft.ts";
import { finalDisk } from "../pipeline/final-disk.ts";
import { install } from "../pipeline/install.ts";
import { shapeOf } from "../pipeline/plan/disk-shape.ts";
import type { ImagePlan } from "../pipeline/plan/image-plan.ts";
import { requireKeys } from "../pipeline/plan/require-keys.ts";
import type { ImageSource } from "../pipeline/plan/source.ts";
import type { Request } from "../request/schema.ts";
import { disksAlone } from "./alone.ts";
import { containerRunsOf } from "./container-runs.ts";
import { freeRunsOf } from "./free-runs.ts";
import { leaveOutOfStep } from "./mirrors.ts";
import { recordingGuests } from "./recording-guests.ts";
import type { TargetDisk } from "./target-disks.ts";
import { untouchedRunsOf } from "./untouched-runs.ts";

/** All bytes of a target's disk. */
export interface LaidDisk {
  readonly name: string;
  readonly image: DeviceImage;
}

/**
 * Plans a system for the disks of a target.
 *
 * @throws MkimageError as `draft`: TOO_SMALL, DOES_NOT_FIT.
 */
export async function draftForTarget(
  request: Request,
  source: ImageSource,
  disks: readonly TargetDisk[],
  context: BuildContext,
): Promise<Draft> {
  const shapes = disks.map(({ device }) => shapeOf(device));
  const sectorSize = shapes[0]?.sectorSize ?? request.sectorSize;
  const drafted = await draftOf({ ...request, sectorSize }, source, context, shapes);
  requireKeys(drafted.blueprint);
  return drafted;
}

/** All disks of a target, and the plan that they follow. */
export interface LaidDisks {
  readonly disks: readonly LaidDisk[];
  readonly plan: ImagePlan;
}

/**
 * Carries out a plan, guests and all, up to what is to be on each disk.
 *
 * @param folder where disks that a guest makes are, as long as they are read.
 * @throws MkimageError as `install`.
 */
export async function layOut(drafted: Draft, folder: string, context: BuildContext): Promise<LaidDisks> {
  const guests = recordingGuests(context.guests, disksAlone(drafted.plan.layout));
  const installed = await install(drafted, folder, { ...context, guests });
  const disks: LaidDisk[] = [];
  const { plan, scratchDisks } = installed;
  for (const layout of plan.layout.disks) {
    const scratch = scratchDisks?.files.get(layout.name);
    if (scratch !== undefined) leaveOutOfStep(plan.layout, layout, scratch);
    const image = imageOf(await finalDisk(installed, layout, folder));
    const free = scratch === undefined ? freeRunsOf(plan, layout.name) : freeOnScratch(plan, layout, image, scratch);
    disks.push({ name: layout.name, image: { ...image, free } });
  }
  return { disks, plan };
}

/** Runs that may hold anything, of a disk that is published as a guest has left it. */
function freeOnScratch(plan: ImagePlan, disk: DiskLayout, { extents }: Image, path: string): Run[] {
  const inContainers = containerRunsOf(plan.layout, disk, path);
  const isRecorded = disksAlone(plan.layout).includes(disk);
  const others = isRecorded
    ? [...freeRunsOf(plan, disk.name), ...untouchedRunsOf(plan, disk, dataRuns(extents, holeGrid), path)]
    : [];
  return [...inContainers, ...others].toSorted((one, other) => one.offset - other.offset);
}
