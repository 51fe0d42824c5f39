import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../base/units.ts";
import { emptyInstallation } from "../bootloaders/installation.ts";
import { readFreeSpace } from "../guest/fill-job.ts";
import type { GuestInstallRequest } from "../guest/install-job.ts";
import { type GuestJob, inTurn } from "../guest/job.ts";
import { nixosInstallJob, type NixosInstallRequest } from "../guest/nixos-install-job.ts";
import type { Disk } from "../guest/qemu.ts";
import { readFound } from "../guest/script-job.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { storePathAt } from "../nix/store-path-at.ts";
import { asFound } from "./plan/as-found.ts";
import { beforeInstallation } from "./plan/before-installation.ts";
import { inKernelOrder } from "./plan/disk-order.ts";
import { foldersOf, guestRoot } from "./plan/guest-share.ts";
import { filesystemWithSpace, type ImagePlan } from "./plan/image-plan.ts";
import { installRequestOf } from "./plan/install-request.ts";
import type { DiskMaker } from "./plan/recipe.ts";
import { installOnMounted, scriptShareOf } from "./plan/script-share.ts";
import type { Script } from "./plan/source.ts";
import { asInstalled } from "./plan/with-free-space.ts";
import { wishesOf } from "./capture.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { getFillingReady, type GuestSite } from "./filling.ts";
import { writeFillingDisks, SourceDisk } from "./filling-disks.ts";
import { firmwareFor } from "./guest-firmware.ts";
import type { Installed } from "./install.ts";
import { makeEnough } from "./make-enough.ts";
import { writeMedium } from "./medium.ts";
import { runJob } from "./run-job.ts";
import { filesOf, type ScratchDisk, writeEmpty, writeScratch } from "./scratch.ts";
import { getScriptReady } from "./script-guest.ts";

/** The system's own installer, with the draft that it is to carry out. */
interface Installation {
  readonly maker: Extract<DiskMaker, { by: "nixos-install" }>;
  readonly drafted: Draft;
  readonly site: GuestSite;
  /** The disk with the store that Nix copies from. */
  readonly medium: Disk;
}

/**
 * Has the disks of an image made and mounted in a guest, and the system installed on them by its own `nixos-install`. They
 * are published as it leaves them. What it will take is known before; where less is free than was asked for all the same,
 * they are made again, and larger.
 *
 * @throws MkimageError INSTALLER_FAILED with its last lines; DOES_NOT_FIT; as `getFillingReady`, `getScriptReady` and `runJob` do.
 */
export async function runNixosInstall(
  maker: Installation["maker"],
  drafted: Draft,
  folder: string,
  context: BuildContext,
): Promise<Installed> {
  const medium = await writeMedium(drafted.blueprint, folder, context);
  const installation = { maker, drafted, site: { folder, source: new SourceDisk(folder) }, medium };
  const { additionalSpace } = drafted.blueprint.request;
  return await makeEnough(additionalSpace, {
    make: (space) => installOnce(installation, planFor(space, drafted), context),
    freeBytes: ({ plan }) => (isPromised(plan, drafted) ? (filesystemWithSpace(plan)?.plan.freeBytes ?? 0) : Infinity),
    onRetry: ({ scratchDisks, plan: { withSpace } }) => {
      context.reporter.note(`the filesystem on ${withSpace} has less free than it should: it is made again, larger`);
      for (const path of scratchDisks?.files.values() ?? []) rmSync(path);
    },
  });
}

function planFor(space: Bytes, { plan, survey, blueprint }: Draft): ImagePlan {
  return space === blueprint.request.additionalSpace ? plan : survey.plan(space);
}

/** Whether a larger size is ours to choose: else no space was promised. */
function isPromised(made: ImagePlan, { blueprint, survey }: Draft): boolean {
  const { size, additionalSpace } = blueprint.request;
  const root = filesystemWithSpace(made);
  if (size !== "auto" || root === undefined) return false;
  if (root.plan.freeBytes >= additionalSpace) return true;
  const larger = survey.plan(additionalSpace + root.plan.size);
  return (filesystemWithSpace(larger)?.plan.size ?? 0) > root.plan.size;
}

/** A guest that is ready to install: its disks, its job, and what is to be made of the results. */
interface ReadyGuest {
  readonly scratch: readonly ScratchDisk[];
  readonly disks: readonly Disk[];
  readonly job: GuestJob;
  readonly planOf: (results: DirectoryInode) => ImagePlan;
  readonly markProven: () => void;
}

async function installOnce(installation: Installation, plan: ImagePlan, context: BuildContext): Promise<Installed> {
  const { maker, drafted, site } = installation;
  const { request } = drafted.blueprint;
  const { architecture, toplevel } = maker.system;
  const { script } = maker;
  const ready =
    script === undefined
      ? await onOwnDisks(installation, plan, context)
      : await onDisksOfScript(installation, script, plan, context);
  const firmware = request.touchEfiVars ? firmwareFor(request, architecture, site.folder) : undefined;
  const resultsPath = join(site.folder, "results-of-nixos-install");
  const guest = { request, toplevel, architecture, disks: ready.disks, firmware, resultsPath };
  const results = await runJob("Running nixos-install in a guest", ready.job, guest, context);
  ready.markProven();
  const made = ready.planOf(results);
  const scratchDisks = { files: filesOf(ready.scratch), plan: made, reason: maker.reason };
  return { installation: emptyInstallation, variables: firmware?.variables, scratchDisks, plan: made };
}

async function onOwnDisks(installation: Installation, plan: ImagePlan, context: BuildContext): Promise<ReadyGuest> {
  const { maker, drafted, site, medium } = installation;
  const { blueprint } = drafted;
  const { installer, system, tools } = maker;
  const before = beforeInstallation(blueprint, plan, installer.before);
  const guestSite = { ...site, architecture: system.architecture, tools };
  const filling = await getFillingReady(blueprint, before, guestSite, context);
  const scratch = await writeScratch(before, new Map(), join(site.folder, "installed"), context);
  const request = requestOf(installation, before, installRequestOf(plan.layout, wishesOf(blueprint, system)));
  return {
    scratch,
    disks: [...scratch.map(({ disk }) => disk), ...filling.disks, medium],
    job: inTurn(filling.job, nixosInstallJob(request, filling)),
    planOf: (results) => asInstalled(plan, request.mountpoints, readFreeSpace(results, request.mountpoints.length)),
    markProven: () => filling.markProven(),
  };
}

async function onDisksOfScript(
  installation: Installation,
  script: Script,
  plan: ImagePlan,
  context: BuildContext,
): Promise<ReadyGuest> {
  const { maker, drafted, site, medium } = installation;
  const { blueprint } = drafted;
  const { installer, system, tools } = maker;
  const before = beforeInstallation(blueprint, plan, installer.before);
  const wishes = wishesOf(blueprint, system);
  const share = scriptShareOf(blueprint, before, installRequestOf(plan.layout, wishes).bootDevices);
  const place = { folder: site.folder, architecture: system.architecture };
  const ready = await getScriptReady({ script, tools }, blueprint, share, place, context);
  const copied = await writeFillingDisks({ folders: share.folders, copies: [] }, ready, context);
  const scratch = writeEmpty(plan, join(site.folder, "installed"));
  const request = requestOf(installation, before, installOnMounted(plan, wishes));
  return {
    scratch,
    disks: inKernelOrder([...scratch.map(({ disk }) => disk), ready.toolbox.disk, ...copied, medium], plan.layout),
    job: inTurn(ready.job, nixosInstallJob(request, { mount: [], close: ready.close })),
    planOf: (results) => asFound(plan, readFound(results, request.mountpoints)),
    markProven: () => ready.toolbox.markProven(),
  };
}

function requestOf(
  { maker, drafted }: Installation,
  { filesystems }: ImagePlan,
  install: GuestInstallRequest,
): NixosInstallRequest {
  const { channel, additionalPaths } = drafted.blueprint.request;
  return {
    ...install,
    program: maker.installer.program,
    root: guestRoot,
    channel: channel === undefined ? undefined : storePathAt(channel),
    additionalPaths: additionalPaths.map(storePathAt),
    mountpoints: foldersOf(filesystems).map(({ mountpoint }) => mountpoint),
  };
}
