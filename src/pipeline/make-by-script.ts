import { join } from "node:path";
import { emptyInstallation } from "../bootloaders/installation.ts";
import { installJob } from "../guest/install-job.ts";
import { inTurn, type GuestJob } from "../guest/job.ts";
import { readFound, type ScriptJob } from "../guest/script-job.ts";
import { formatSize } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { asFound } from "./plan/as-found.ts";
import { inKernelOrder } from "./plan/disk-order.ts";
import { filesystemWithSpace, type ImagePlan } from "./plan/image-plan.ts";
import type { DiskMaker } from "./plan/recipe.ts";
import { type InstallWishes, installRequestOf } from "./plan/install-request.ts";
import { installOnMounted, type ScriptShare, scriptShareOf } from "./plan/script-share.ts";
import { installerSpace, scratchPlan, wishesOf } from "./capture.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { writeFillingDisks } from "./filling-disks.ts";
import { guestArchitecture } from "./guest-architecture.ts";
import { firmwareFor } from "./guest-firmware.ts";
import type { Installed } from "./install.ts";
import { runJob } from "./run-job.ts";
import { filesOf, writeEmpty } from "./scratch.ts";
import { getScriptReady } from "./script-guest.ts";

/**
 * Has a script make the disks of an image in a guest, copies everything into what it has mounted, and installs the
 * bootloader there. The disks are published as the guest leaves them.
 *
 * @throws MkimageError MISSING_TOOL; GUEST_FAILED when the script fails, or leaves something unmounted; as `runJob` does.
 */
export async function makeByScript(
  maker: Extract<DiskMaker, { by: "script" }>,
  drafted: Draft,
  folder: string,
  context: BuildContext,
): Promise<Installed> {
  const { blueprint } = drafted;
  const { request, source } = blueprint;
  const wishes = installWishes(drafted);
  const plan = wishes === undefined ? drafted.plan : scratchPlan(drafted, installerSpace);
  const bootDevices = wishes === undefined ? [] : installRequestOf(plan.layout, wishes).bootDevices;
  const share = scriptShareOf(blueprint, plan, bootDevices);
  const architecture = guestArchitecture(source);
  const ready = await getScriptReady(maker, blueprint, share, { architecture, folder }, context);
  const copied = await writeFillingDisks({ folders: share.folders, copies: [] }, ready, context);
  const scratch = writeEmpty(plan, join(folder, "scripted"));
  const disks = inKernelOrder([...scratch.map(({ disk }) => disk), ready.toolbox.disk, ...copied], plan.layout);
  const firmware = request.touchEfiVars ? firmwareFor(request, architecture, folder) : undefined;
  const resultsPath = join(folder, "results-of-script");
  const guest = { request, toplevel: source.system?.toplevel, architecture, disks, firmware, resultsPath };
  const results = await runJob(
    "Making the disks by a script in a guest",
    wholeJob(ready, plan, wishes),
    guest,
    context,
  );
  ready.toolbox.markProven();
  const made = foundIn(results, plan, share);
  noteLack(made, drafted, context);
  const scratchDisks = { files: filesOf(scratch), plan: made, reason: maker.reason };
  return { installation: emptyInstallation, variables: firmware?.variables, scratchDisks, plan: made };
}

function foundIn(results: DirectoryInode, plan: ImagePlan, { folders }: ScriptShare): ImagePlan {
  const places = folders.map(({ mountpoint }) => mountpoint);
  return asFound(plan, readFound(results, places));
}

/** The parameters of the installer in the guest; `undefined` where no guest installs the bootloader. */
function installWishes({ blueprint, recipe: { bootloader } }: Draft): InstallWishes | undefined {
  return bootloader.by === "guest" ? wishesOf(blueprint, bootloader.system) : undefined;
}

function wholeJob({ job, close }: ScriptJob, plan: ImagePlan, wishes: InstallWishes | undefined): GuestJob {
  if (wishes !== undefined) return inTurn(job, installJob(installOnMounted(plan, wishes), { mount: [], close }));
  return { ...job, steps: [...job.steps, { title: "unmount the image", argv: ["/vm/unmount-all"] }, ...close] };
}

/** Tells what is lacking: the sizes are those of our own filesystems, and a script's may take more for themselves. */
export function noteLack(plan: ImagePlan, { blueprint }: Draft, { reporter }: BuildContext): void {
  const { size, additionalSpace } = blueprint.request;
  const root = filesystemWithSpace(plan);
  if (size !== "auto" || root === undefined || root.plan.freeBytes >= additionalSpace) return;
  reporter.note(
    `the filesystem on ${plan.withSpace} has ${formatSize(root.plan.freeBytes)} free; --image-size makes its disk larger`,
  );
}
