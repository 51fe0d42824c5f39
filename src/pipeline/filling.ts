import type { Architecture } from "../guest/architecture.ts";
import { type FillJob, fillJob, type FillRequest, readFreeSpace } from "../guest/fill-job.ts";
import { describeDisks } from "../guest/install-job.ts";
import type { Disk } from "../guest/qemu.ts";
import { programSource } from "../guest/toolbox/program-source.ts";
import type { Bytes } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { disksOfSteps } from "./plan/described-disks.ts";
import { type GuestShare, guestRoot, type ShareOfDisks, shareOn } from "./plan/guest-share.ts";
import { availableTools, type GuestTools } from "./plan/guest-tools.ts";
import type { ImagePlan } from "./plan/image-plan.ts";
import { privateTo } from "./plan/private-files.ts";
import { modulesOf } from "../devices/steps/needed-modules.ts";
import { renderScript } from "../devices/steps/script.ts";
import type { BuildContext } from "./context.ts";
import { type GuestSecrets, readGuestSecrets } from "./guest-secrets.ts";
import { type SourceDisk, writeFillingDisks } from "./filling-disks.ts";
import { divideCopy, privateContents } from "./private-contents.ts";
import { kernelRequest } from "./run-job.ts";
import { toolboxPathOf } from "./toolbox-path.ts";

/** The job with which a guest makes its share of an image, and the disks that it reads. */
export interface Filling extends FillJob {
  /** The disks that the job reads. */
  readonly disks: readonly Disk[];
  /** Reads from the results of the job the free space at each mount point that is filled. */
  freeSpace(results: DirectoryInode): ReadonlyMap<string, Bytes>;
  /** To be called when the job has succeeded. */
  markProven(): void;
}

/** Where the disks of a build's guests are written. */
export interface GuestSite {
  readonly folder: string;
  readonly source: SourceDisk;
}

/** The share of a guest, its programs, and the places of its disks; besides the plan of these. */
interface FillingSite extends GuestSite {
  readonly architecture: Architecture;
  readonly share: GuestShare;
  readonly tools: GuestTools;
}

/**
 * Gets ready what a guest needs for its share of an image: its tools, and disks with the files and the blocks that it
 * copies.
 *
 * @throws MkimageError MISSING_TOOL; BAD_REQUEST or NOT_A_SYSTEM where no kernel has what it takes; NO_SPACE; INTERRUPTED.
 */
export async function getFillingReady(
  blueprint: Blueprint,
  plan: ImagePlan,
  { architecture, folder, share, tools, source: sourceDisk }: FillingSite,
  context: BuildContext,
): Promise<Filling> {
  const { request, source } = blueprint;
  const sized = shareOn(share, blueprint, plan);
  const secrets = readGuestSecrets(request);
  const isPrivate = privateTo(source.privateSources);
  const storePath = toolboxPathOf(request);
  const toolbox = await context.guests.openToolbox(availableTools(tools, programSource(storePath)), {
    architecture,
    storePath,
    storePaths: tools.storePaths ?? [],
    closureInfo: request.closureInfo,
    workFolder: folder,
    signal: context.signal,
  });
  const additions = sourceDisk.additions(sized.folders);
  const fillRequest = fillRequestOf({ ...share, ...sized }, plan, blueprint, secrets);
  const filling = fillJob({ ...fillRequest, added: [...additions.keys()] }, toolbox);
  // A kernel that cannot do it is known before anything is written.
  context.guests.chooseKernel({ ...kernelRequest(request, source.system?.toplevel), needs: filling.job.modules ?? [] });
  const disks = await writeFillingDisks({ ...sized, additions }, { folder, isPrivate, source: sourceDisk }, context);
  return {
    ...filling,
    disks: [toolbox.disk, ...disks],
    freeSpace: (results) => {
      const free = readFreeSpace(results, share.filled.length);
      return new Map(share.filled.map((place, index) => [place, free[index] ?? Number.NaN]));
    },
    markProven: () => toolbox.markProven(),
  };
}

function fillRequestOf(
  share: GuestShare & ShareOfDisks,
  plan: ImagePlan,
  { tree, source }: Blueprint,
  secrets: GuestSecrets,
): FillRequest {
  const isPrivate = privateTo(source.privateSources);
  const copies = share.copies.map((copy, index) => divideCopy(copy, index, isPrivate));
  const contents = privateContents(share.folders, isPrivate);
  return {
    scripts: {
      make: renderScript(share.make),
      mountFilled: renderScript(share.mountFilled),
      mountAll: renderScript(share.mountAll),
      unmount: renderScript(share.unmount),
    },
    root: guestRoot,
    mountpoints: share.filled,
    copies: copies.map(({ copy }) => copy),
    contents: contents.map(({ content }) => content),
    modules: modulesOf(tree),
    preparation: [...describeDisks(disksOfSteps(plan.layout)), ...secrets.steps],
    secrets: [...secrets.files, ...copies.flatMap(({ files }) => files), ...contents.map(({ file }) => file)],
  };
}
