import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Installation } from "../bootloader/installation.ts";
import type { DeviceTree } from "../devices/device-tree.ts";
import { MkimageError } from "../errors.ts";
import type { Disk } from "../guest/qemu.ts";
import type { Blueprint } from "../plan/blueprint.ts";
import { filesystemWithSpace, type ImagePlan, planImage } from "../plan/image-plan.ts";
import { hasCreateHooks } from "../plan/create-hooks.ts";
import { withFreeSpace } from "../plan/with-free-space.ts";
import type { BuildContext } from "./context.ts";
import { getFillingReady } from "./filling.ts";
import { guestArchitecture } from "./guest-architecture.ts";
import { runJob } from "./run-job.ts";
import { filesOf, type FinishedDisks, writeScratch } from "./scratch.ts";

/**
 * Writes the final disks of a plan of which a guest makes a share, and lets it do so; the plan that comes back has the
 * space that is free on what was filled. Where that is less than was asked for, they are made once more, and larger.
 *
 * @throws MkimageError as `getFillingReady` and `runJob` do.
 */
export async function fillDisks(
  blueprint: Blueprint,
  installation: Installation,
  plan: ImagePlan,
  folder: string,
  context: BuildContext,
): Promise<FinishedDisks> {
  const filled = await fillOnce(blueprint, installation, plan, folder, context);
  const larger = planWithMore(blueprint, installation, filled.plan);
  if (larger === undefined) return filled;
  context.reporter.note(`the filesystem on ${larger.withSpace} has less free than it should: it is made again, larger`);
  for (const path of filled.files.values()) rmSync(path);
  return fillOnce(blueprint, installation, larger, folder, context);
}

/** A plan that makes up for what a guest found to be missing; none where its size is not ours to choose. */
function planWithMore(blueprint: Blueprint, installation: Installation, filled: ImagePlan): ImagePlan | undefined {
  const { request, source } = blueprint;
  const root = filesystemWithSpace(filled);
  const lack = request.size === "auto" && root !== undefined ? request.additionalSpace - root.plan.freeBytes : 0;
  if (lack <= 0 || root?.plan.madeBy !== "guest") return undefined;
  const additionalSpace = request.additionalSpace + lack * 1.1;
  const larger = planImage({ ...blueprint, size: "auto", additionalSpace, files: source.files, installation });
  return (filesystemWithSpace(larger)?.plan.size ?? 0) > root.plan.size ? larger : undefined;
}

async function fillOnce(
  blueprint: Blueprint,
  { bootCode }: Installation,
  plan: ImagePlan,
  folder: string,
  context: BuildContext,
): Promise<FinishedDisks> {
  const { request, source } = blueprint;
  const architecture = guestArchitecture(source);
  const filling = await getFillingReady(blueprint, plan, { architecture, folder }, context);
  if (filling === undefined) throw new MkimageError("INTERNAL", "a guest was to fill what the host makes");
  const scratch = await writeScratch(plan, bootCode, join(folder, "filled"), context);
  const disks: Disk[] = [...scratch.map(({ disk }) => disk), ...filling.disks];
  const toplevel = source.system?.toplevel;
  const guest = { request, toplevel, architecture, disks, resultsPath: join(folder, "results-of-filling") };
  const results = await runJob("Making the filesystems in a guest", filling.job, guest, context);
  filling.markProven();
  return {
    files: filesOf(scratch),
    plan: withFreeSpace(plan, filling.freeSpace(results)),
    reason: reasonOf(plan, blueprint.tree),
  };
}

function reasonOf({ filesystems }: ImagePlan, tree: DeviceTree): string {
  const kinds = new Set(filesystems.flatMap(({ plan }) => (plan.madeBy === "guest" ? [plan.kind] : [])));
  if (kinds.size > 0) return `${[...kinds].join(" and ")} filesystems are filled by a guest's kernel`;
  return hasCreateHooks(tree) ? "shell lines of its device tree run in a guest" : "its containers are made in a guest";
}
