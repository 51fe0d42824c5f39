import { join } from "node:path";
import { planExt4, solveExt4Size } from "../filesystems/ext4/ext4.ts";
import type { Architecture } from "../guest/architecture.ts";
import { fillingTools, fillJob, readFreeSpace, sourceSerial } from "../guest/fill-job.ts";
import type { Job } from "../guest/job.ts";
import { chooseKernel } from "../guest/kernel.ts";
import type { Disk } from "../guest/qemu.ts";
import { openToolbox } from "../guest/toolbox/toolbox.ts";
import { requireSpace } from "../image/free-space.ts";
import { writeRaw } from "../image/raw.ts";
import type { Bytes } from "../layout/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { filesToFill, filledFilesystems, needsFilling } from "../plan/filled-filesystems.ts";
import type { ImagePlan } from "../plan/image-plan.ts";
import type { Request } from "../request/schema.ts";
import type { BuildContext } from "./context.ts";
import { kernelRequest } from "./run-job.ts";

/** What a guest has to do, and what with, to make the filesystems of an image that only a kernel writes. */
export interface Filling {
  readonly job: Job;
  /** The disks that the job reads. */
  readonly disks: readonly Disk[];
  /** What is free on each filesystem, out of the results of the job. */
  freeSpace(results: DirectoryInode): Bytes[];
  /** To be called when the job has succeeded. */
  markProven(): void;
}

/** What it takes to fill an image, besides its plan. */
export interface FillingRequest {
  readonly request: Request;
  /** The system whose kernel fills it. */
  readonly toplevel: string | undefined;
  readonly architecture: Architecture;
  /** Where the disk with the files is written. */
  readonly folder: string;
}

/** Where the host has written everything itself. */
const nothing: Filling = { job: { steps: [] }, disks: [], freeSpace: () => [], markProven: () => {} };

/**
 * Gets ready what a guest needs to make and fill filesystems: its tools, and a disk with the files.
 *
 * @throws MkimageError MISSING_TOOL; BAD_REQUEST or NOT_A_SYSTEM where no kernel has the filesystem; NO_SPACE; INTERRUPTED.
 */
export async function getFillingReady(
  plan: ImagePlan,
  { request, toplevel, architecture, folder }: FillingRequest,
  context: BuildContext,
): Promise<Filling> {
  if (!needsFilling(plan)) return nothing;
  const filesystems = filledFilesystems(plan);
  const { signal } = context;
  const toolbox = await openToolbox(fillingTools(filesystems), { architecture, workFolder: folder, signal });
  const job = fillJob(filesystems, toolbox);
  // A kernel that cannot do it is known before anything is written.
  chooseKernel({ ...kernelRequest(request, toplevel), needs: job.modules ?? [] });
  const source = await writeSource(filesToFill(plan, context.time), join(folder, "source"), context);
  return {
    job,
    disks: [toolbox.disk, source],
    freeSpace: (results) => readFreeSpace(results, filesystems.length),
    markProven: () => toolbox.markProven(),
  };
}

async function writeSource(files: DirectoryInode, path: string, context: BuildContext): Promise<Disk> {
  const options = { uuid: sourceUuid, hashSeed: sourceUuid, label: "source", time: context.time };
  const plan = planExt4(files, solveExt4Size(files, 0, options), options);
  await requireSpace(join(path, ".."), plan.usedBytes);
  await context.reporter.task("Writing the files for the guest", (task) =>
    writeRaw({ size: plan.size, extents: plan.extents() }, path, { signal: context.signal, onProgress: task.progress }),
  );
  return { path, format: "raw", serial: sourceSerial, access: "read-only" };
}

const sourceUuid = "6d6b696d-6167-4574-8f73-6f7572636501";
