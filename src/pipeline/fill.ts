import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Installation } from "../bootloaders/installation.ts";
import type { DeviceTree } from "../devices/device-tree.ts";
import { MkimageError } from "../base/errors.ts";
import type { Disk } from "../guest/qemu.ts";
import type { Bytes } from "../base/units.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { filesystemWithSpace, type ImagePlan, planImage } from "./plan/image-plan.ts";
import { hasCreateHooks } from "./plan/create-hooks.ts";
import { withFreeSpace } from "./plan/with-free-space.ts";
import type { BuildContext } from "./context.ts";
import { makeEnough } from "./make-enough.ts";
import { getFillingReady } from "./filling.ts";
import { guestArchitecture } from "./guest-architecture.ts";
import { runJob } from "./run-job.ts";
import { filesOf, type FinishedDisks, writeScratch } from "./scratch.ts";

/**
 * Writes the final disks of a plan of which a guest makes a share, and lets it do so; the plan that comes back has the
 * space that is free on what was filled. Where that is less than was asked for, they are made again, and larger.
 *
 * @throws MkimageError DOES_NOT_FIT when that is never enough; as `getFillingReady` and `runJob` do.
 */
export async function fillDisks(
  blueprint: Blueprint,
  installation: Installation,
  plan: ImagePlan,
  folder: string,
  context: BuildContext,
): Promise<FinishedDisks> {
  const { additionalSpace } = blueprint.request;
  const planFor = (space: Bytes): ImagePlan =>
    space === additionalSpace ? plan : largerPlan(blueprint, installation, space);
  return await makeEnough(additionalSpace, {
    make: (space) => fillOnce(blueprint, installation, planFor(space), folder, context),
    freeBytes: (filled) => (isPromised(filled.plan, blueprint, installation) ? freeBytesOf(filled.plan) : Infinity),
    onRetry: ({ files, plan: { withSpace } }) => {
      context.reporter.note(`the filesystem on ${withSpace} has less free than it should: it is made again, larger`);
      for (const path of files.values()) rmSync(path);
    },
  });
}

function largerPlan(
  { source, ...blueprint }: Blueprint,
  installation: Installation,
  additionalSpace: Bytes,
): ImagePlan {
  return planImage({ ...blueprint, size: "auto", additionalSpace, files: source.files, installation });
}

/** Whether the size of what has the space is ours to choose, and a guest makes it: else none was promised. */
function isPromised(filled: ImagePlan, blueprint: Blueprint, installation: Installation): boolean {
  const { size, additionalSpace } = blueprint.request;
  const root = filesystemWithSpace(filled);
  if (size !== "auto" || root?.plan.madeBy !== "guest") return false;
  if (root.plan.freeBytes >= additionalSpace) return true;
  const larger = largerPlan(blueprint, installation, additionalSpace + root.plan.size);
  return (filesystemWithSpace(larger)?.plan.size ?? 0) > root.plan.size;
}

function freeBytesOf(plan: ImagePlan): Bytes {
  return filesystemWithSpace(plan)?.plan.freeBytes ?? 0;
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
