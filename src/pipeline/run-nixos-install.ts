import { join } from "node:path";
import { emptyInstallation } from "../bootloaders/installation.ts";
import type { ImagePlan } from "./plan/image-plan.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { SourceDisk } from "./filling-disks.ts";
import { firmwareFor } from "./guest-firmware.ts";
import type { Installed } from "./install.ts";
import { noteLack } from "./make-by-script.ts";
import { makePromised } from "./make-promised.ts";
import { writeMedium } from "./medium.ts";
import { getInstallerReady, type OwnInstallation } from "./ready-for-nixos-install.ts";
import { runJob } from "./run-job.ts";
import { filesOf, type FinishedDisks } from "./scratch.ts";

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
  const once = (plan: ImagePlan) => installOnce(installation, plan, context);
  if ("share" in maker.making) return installedFrom(await makePromised(drafted, once, context));
  const made = await once(drafted.plan);
  noteLack(made.plan, drafted, context);
  return installedFrom(made);
}

interface InstalledDisks extends FinishedDisks {
  /** A file with the firmware's variables, where they were to be written. */
  readonly variables: string | undefined;
}

async function installOnce(
  installation: OwnInstallation,
  plan: ImagePlan,
  context: BuildContext,
): Promise<InstalledDisks> {
  const { maker, drafted, site } = installation;
  const { request } = drafted.blueprint;
  const { architecture, toplevel } = maker.system;
  const ready = await getInstallerReady(installation, plan, context);
  const firmware = request.touchEfiVars ? firmwareFor(request, architecture, site.folder) : undefined;
  const resultsPath = join(site.folder, "results-of-nixos-install");
  const guest = { request, toplevel, architecture, disks: ready.disks, firmware, resultsPath };
  const results = await runJob("Running nixos-install in a guest", ready.job, guest, context);
  ready.markProven();
  const files = filesOf(ready.scratch);
  return { files, plan: ready.planOf(results), reason: maker.reason, variables: firmware?.variables };
}

function installedFrom({ variables, ...scratchDisks }: InstalledDisks): Installed {
  return { installation: emptyInstallation, variables, scratchDisks, plan: scratchDisks.plan };
}
