import { join } from "node:path";
import type { Installation } from "../bootloaders/installation.ts";
import type { Disk } from "../guest/qemu.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import type { ImagePlan, SurveyedImage } from "./plan/image-plan.ts";
import type { DiskMaker } from "./plan/recipe.ts";
import { withFreeSpace } from "./plan/with-free-space.ts";
import type { BuildContext } from "./context.ts";
import { makePromised } from "./make-promised.ts";
import { type GuestSite, getFillingReady } from "./filling.ts";
import { guestArchitecture } from "./guest-architecture.ts";
import { runJob } from "./run-job.ts";
import { filesOf, type FinishedDisks, writeScratch } from "./scratch.ts";

/** Disks that a guest is to fill. */
interface DisksToFill {
  readonly blueprint: Blueprint;
  readonly installation: Installation;
  readonly plan: ImagePlan;
  readonly survey: SurveyedImage;
  readonly maker: Extract<DiskMaker, { by: "guest" }>;
}

/**
 * Writes the final disks of a plan of which a guest makes a share, and lets it do so; the plan that comes back has the
 * space that is free on what was filled. Where that is less than was asked for, they are made again, and larger.
 *
 * @throws MkimageError DOES_NOT_FIT when that is never enough; as `getFillingReady` and `runJob` do.
 */
export async function fillDisks(wanted: DisksToFill, site: GuestSite, context: BuildContext): Promise<FinishedDisks> {
  return await makePromised(wanted, (plan) => fillOnce(wanted, plan, site, context), context);
}

async function fillOnce(
  { blueprint, installation, maker }: DisksToFill,
  plan: ImagePlan,
  site: GuestSite,
  context: BuildContext,
): Promise<FinishedDisks> {
  const { request, source } = blueprint;
  const { folder } = site;
  const architecture = guestArchitecture(source);
  const filling = await getFillingReady(blueprint, plan, { ...site, ...maker, architecture }, context);
  const scratch = await writeScratch(plan, installation.bootCode, join(folder, "filled"), context);
  const disks: Disk[] = [...scratch.map(({ disk }) => disk), ...filling.disks];
  const toplevel = source.system?.toplevel;
  const guest = { request, toplevel, architecture, disks, resultsPath: join(folder, "results-of-filling") };
  const results = await runJob("Making the filesystems in a guest", filling.job, guest, context);
  filling.markProven();
  return { files: filesOf(scratch), plan: withFreeSpace(plan, filling.freeSpace(results)), reason: maker.reason };
}
