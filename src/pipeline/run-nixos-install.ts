import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../base/units.ts";
import { emptyInstallation } from "../bootloaders/installation.ts";
import type { ImagePlan } from "./plan/image-plan.ts";
import { isPromised, promisedSpace } from "./plan/promised-space.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { SourceDisk } from "./filling-disks.ts";
import { firmwareFor } from "./guest-firmware.ts";
import type { Installed } from "./install.ts";
import { noteLack } from "./make-by-script.ts";
import { makeEnough } from "./make-enough.ts";
import { writeMedium } from "./medium.ts";
import { getInstallerReady, type OwnInstallation } from "./ready-for-nixos-install.ts";
import { runJob } from "./run-job.ts";
import { filesOf } from "./scratch.ts";

/**
 * Has the disks of an image made and mounted in a guest, and the system installed on them by its own `nixos-install`. They
 * are published as it leaves them. What it will take is known before; where less is free than was asked for all the same,
 * they are made again, and larger.
 *
 * @throws MkimageError INSTALLER_FAILED with its last lines; DOES_NOT_FIT; as `getFillingReady`, `getScriptReady` and `runJob` do.
 */
export async function runNixosInstall(
  maker: OwnInstallation["maker"],
  drafted: Draft,
  folder: string,
  context: BuildContext,
): Promise<Installed> {
  const medium = await writeMedium(drafted.blueprint, folder, context);
  const installation = { maker, drafted, site: { folder, source: new SourceDisk(folder) }, medium };
  if (maker.script !== undefined) {
    const installed = await installOnce(installation, drafted.plan, context);
    noteLack(installed.plan, drafted, context);
    return installed;
  }
  return await makeEnough(drafted.blueprint.request.additionalSpace, {
    make: (space) => installOnce(installation, planFor(space, drafted), context),
    freeBytes: ({ plan }) => (isPromised(plan, drafted) ? promisedSpace(plan) : Infinity),
    onRetry: ({ scratchDisks, plan: { withSpace } }) => {
      context.reporter.note(`the filesystem on ${withSpace} has less free than it should: it is made again, larger`);
      for (const path of scratchDisks?.files.values() ?? []) rmSync(path);
    },
  });
}

function planFor(space: Bytes, { plan, survey, blueprint }: Draft): ImagePlan {
  return space === blueprint.request.additionalSpace ? plan : survey.plan(space);
}

async function installOnce(installation: OwnInstallation, plan: ImagePlan, context: BuildContext): Promise<Installed> {
  const { maker, drafted, site } = installation;
  const { request } = drafted.blueprint;
  const { architecture, toplevel } = maker.system;
  const ready = await getInstallerReady(installation, plan, context);
  const firmware = request.touchEfiVars ? firmwareFor(request, architecture, site.folder) : undefined;
  const resultsPath = join(site.folder, "results-of-nixos-install");
  const guest = { request, toplevel, architecture, disks: ready.disks, firmware, resultsPath };
  const results = await runJob("Running nixos-install in a guest", ready.job, guest, context);
  ready.markProven();
  const made = ready.planOf(results);
  const scratchDisks = { files: filesOf(ready.scratch), plan: made, reason: maker.reason };
  return { installation: emptyInstallation, variables: firmware?.variables, scratchDisks, plan: made };
}
