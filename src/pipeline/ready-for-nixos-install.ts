import { join } from "node:path";
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
import { foldersOf, type GuestShare, guestRoot } from "./plan/guest-share.ts";
import type { ImagePlan } from "./plan/image-plan.ts";
import { installRequestOf } from "./plan/install-request.ts";
import type { DiskMaker } from "./plan/recipe.ts";
import { installOnMounted, scriptShareOf } from "./plan/script-share.ts";
import type { Script } from "./plan/source.ts";
import { asInstalled } from "./plan/with-free-space.ts";
import { wishesOf } from "./capture.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { getFillingReady, type GuestSite } from "./filling.ts";
import { writeFillingDisks } from "./filling-disks.ts";
import { type ScratchDisk, writeEmpty, writeScratch } from "./scratch.ts";
import { getScriptReady } from "./script-guest.ts";

/** The system's own installer, with the draft that it is to carry out. */
export interface OwnInstallation {
  readonly maker: Extract<DiskMaker, { by: "nixos-install" }>;
  readonly drafted: Draft;
  readonly site: GuestSite;
  /** The disk with the store that Nix copies from. */
  readonly medium: Disk;
}

/** A guest that is ready to install: its disks, its job, and what is to be made of the results. */
interface ReadyGuest {
  readonly scratch: readonly ScratchDisk[];
  readonly disks: readonly Disk[];
  readonly job: GuestJob;
  readonly planOf: (results: DirectoryInode) => ImagePlan;
  readonly markProven: () => void;
}

/**
 * Gets ready what a guest needs to install a system by `nixos-install` on the disks of a plan, which our steps or a script
 * make in it.
 *
 * @throws MkimageError as `getFillingReady`, `getScriptReady` and `writeScratch` do.
 */
export async function getInstallerReady(
  installation: OwnInstallation,
  plan: ImagePlan,
  context: BuildContext,
): Promise<ReadyGuest> {
  const { making } = installation.maker;
  if ("share" in making) return onOwnDisks(installation, making.share, plan, context);
  return onDisksOfScript(installation, making.script, plan, context);
}

async function onOwnDisks(
  installation: OwnInstallation,
  share: GuestShare,
  plan: ImagePlan,
  context: BuildContext,
): Promise<ReadyGuest> {
  const { maker, drafted, site, medium } = installation;
  const { blueprint } = drafted;
  const { installer, system, tools } = maker;
  const before = beforeInstallation(drafted, plan, installer.before);
  const guestSite = { ...site, architecture: system.architecture, share, tools };
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
  installation: OwnInstallation,
  script: Script,
  plan: ImagePlan,
  context: BuildContext,
): Promise<ReadyGuest> {
  const { maker, drafted, site, medium } = installation;
  const { blueprint } = drafted;
  const { installer, system, tools } = maker;
  const before = beforeInstallation(drafted, plan, installer.before);
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
  { maker, drafted }: OwnInstallation,
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
