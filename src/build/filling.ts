import { join } from "node:path";
import type { DeviceTree } from "../devices/device-tree.ts";
import { planExt4, solveExt4Size } from "../filesystems/ext4/ext4.ts";
import type { Architecture } from "../guest/architecture.ts";
import {
  blocksSerial,
  type FillJob,
  fillJob,
  type FillRequest,
  readFreeSpace,
  sourceSerial,
} from "../guest/fill-job.ts";
import { describeDisks } from "../guest/install-job.ts";
import { chooseKernel } from "../guest/kernel.ts";
import type { Disk } from "../guest/qemu.ts";
import { openToolbox } from "../guest/toolbox/toolbox.ts";
import { shiftExtents } from "../image/extent.ts";
import { requireSpace } from "../image/free-space.ts";
import type { Image } from "../image/image.ts";
import { joinExtents } from "../image/overlay.ts";
import { writeRaw } from "../image/raw.ts";
import { type Bytes, MiB, roundUp } from "../layout/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { emptyDirectory } from "../manifest/tree.ts";
import type { Blueprint } from "../plan/blueprint.ts";
import { disksOfSteps } from "../plan/described-disks.ts";
import { type CopiedFilesystem, type GuestShare, guestRoot, guestShareOf } from "../plan/guest-share.ts";
import type { ImagePlan, MountedFiles } from "../plan/image-plan.ts";
import { folderOwnership } from "../plan/manifests.ts";
import { modulesOf } from "../steps/needed-modules.ts";
import { renderScript } from "../steps/render.ts";
import type { BuildContext } from "./context.ts";
import { type GuestSecrets, readGuestSecrets } from "./guest-secrets.ts";
import { fillingTools } from "./filling-tools.ts";
import { kernelRequest } from "./run-job.ts";

/** What a guest has to do, and what with, to make its share of an image. */
export interface Filling extends FillJob {
  /** The disks that the job reads. */
  readonly disks: readonly Disk[];
  /** What is free at each mount point that is filled, out of the results of the job. */
  freeSpace(results: DirectoryInode): ReadonlyMap<string, Bytes>;
  /** To be called when the job has succeeded. */
  markProven(): void;
}

/** What it takes to fill an image, besides its plan. */
export interface FillingSite {
  readonly architecture: Architecture;
  /** Where the disks for the guest are written. */
  readonly folder: string;
}

/**
 * Gets ready what a guest needs for its share of an image: its tools, and disks with the files and the blocks that it
 * copies. Undefined where the host makes everything.
 *
 * @throws MkimageError MISSING_TOOL; BAD_REQUEST or NOT_A_SYSTEM where no kernel has what it takes; NO_SPACE; INTERRUPTED.
 */
export async function getFillingReady(
  blueprint: Blueprint,
  plan: ImagePlan,
  { architecture, folder }: FillingSite,
  context: BuildContext,
): Promise<Filling | undefined> {
  const share = guestShareOf(blueprint, plan);
  if (share === undefined) return undefined;
  const { request, source } = blueprint;
  const secrets = readGuestSecrets(request);
  const toolbox = await openToolbox(fillingTools(share), { architecture, workFolder: folder, signal: context.signal });
  const filling = fillJob(fillRequestOf(share, plan, blueprint.tree, secrets), toolbox);
  // A kernel that cannot do it is known before anything is written.
  chooseKernel({ ...kernelRequest(request, source.system?.toplevel), needs: filling.job.modules ?? [] });
  const disks = [...(await filesDisk(share, folder, context)), ...(await blocksDisk(share, folder, context))];
  const places = share.folders.map(({ mountpoint }) => mountpoint);
  return {
    ...filling,
    disks: [toolbox.disk, ...disks],
    freeSpace: (results) => {
      const free = readFreeSpace(results, places.length);
      return new Map(places.map((place, index) => [place, free[index] ?? Number.NaN]));
    },
    markProven: () => toolbox.markProven(),
  };
}

function fillRequestOf(share: GuestShare, plan: ImagePlan, tree: DeviceTree, secrets: GuestSecrets): FillRequest {
  return {
    scripts: {
      make: renderScript(share.make),
      mountFilled: renderScript(share.mountFilled),
      mountAll: renderScript(share.mountAll),
      unmount: renderScript(share.unmount),
    },
    root: guestRoot,
    mountpoints: share.folders.map(({ mountpoint }) => mountpoint),
    copies: share.copies.map(({ plan: solved, start }) => ({ start, runs: solved.occupied() })),
    modules: modulesOf(tree),
    preparation: [...describeDisks(disksOfSteps(plan.layout)), ...secrets.steps],
    secrets: secrets.files,
  };
}

/** The files of the filesystems that are filled: a folder for each mount point, by its number. */
async function filesDisk({ folders }: GuestShare, folder: string, context: BuildContext): Promise<Disk[]> {
  if (folders.length === 0) return [];
  const files = sideBySide(folders, context.time);
  const options = { uuid: sourceUuid, hashSeed: sourceUuid, label: "source", time: context.time };
  const plan = planExt4(files, solveExt4Size(files, 0, options), options);
  const image = { size: plan.size, extents: plan.extents() };
  const path = join(folder, sourceSerial);
  await requireSpace(folder, plan.usedBytes);
  await write("Writing the files for the guest", image, path, context);
  return [{ path, format: "raw", serial: sourceSerial, access: "read-only" }];
}

function sideBySide(folders: readonly MountedFiles[], time: number): DirectoryInode {
  const entries = folders.map(({ files }, index) => [String(index), files] as const);
  return { ...emptyDirectory(folderOwnership(time)), entries: new Map(entries) };
}

const sourceUuid = "6d6b696d-6167-4574-8f73-6f7572636501";

/** The filesystems whose blocks are copied into their containers, one behind the other. */
async function blocksDisk({ copies }: GuestShare, folder: string, context: BuildContext): Promise<Disk[]> {
  const last = copies.at(-1);
  if (last === undefined) return [];
  const lists = copies.map(({ plan, start }) => ({ start, extents: shiftExtents(plan.extents(), start) }));
  const path = join(folder, blocksSerial);
  await requireSpace(folder, usedBytes(copies));
  const image = { size: roundUp(last.start + last.plan.size, MiB), extents: joinExtents(lists) };
  await write("Writing the filesystems for the guest", image, path, context);
  return [{ path, format: "raw", serial: blocksSerial, access: "read-only" }];
}

function usedBytes(copies: readonly CopiedFilesystem[]): Bytes {
  return copies.reduce((sum, { plan: { size, freeBytes } }) => sum + size - freeBytes, 0);
}

async function write(title: string, image: Image, path: string, context: BuildContext): Promise<void> {
  const { signal } = context;
  await context.reporter.task(title, (task) => writeRaw(image, path, { signal, onProgress: task.progress }));
}
