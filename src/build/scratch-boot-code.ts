import { open } from "node:fs/promises";
import { bootCodeOf, type ReadRegion, readBootRegions } from "../bootloader/boot-code.ts";
import type { Installation } from "../bootloader/installation.ts";
import type { Extent } from "../image/extent.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { bootCodeLayoutOf } from "../plan/boot-code-layout.ts";
import type { ScratchDisk } from "./scratch.ts";

/** What stands where each scratch disk can have boot code. */
export function readAllRegions(scratch: readonly ScratchDisk[]): Promise<ReadRegion[][]> {
  return Promise.all(scratch.map(({ layout, disk }) => readRegions(layout, disk.path)));
}

/** The boot code of each disk, or why it holds for these disks only. */
  readonly code: Installation["bootCode"] | string;
}

async function installOn(plan: ImagePlan, { blueprint, system, folder }: Site, context: BuildContext): Promise<Trial> {
  const { request } = blueprint;
  const { toplevel, architecture } = system;
  const filling = await getFillingReady(plan, { request, toplevel, architecture, folder }, context);
  const scratch = await writeScratch(plan, new Map(), join(folder, "scratch"), context);
  const before = await readAllRegions(scratch);
  const install = installRequestOf(plan.layout, wishesOf(blueprint, system));
  const work = { request, install, filling, architecture, disks: scratch.map(({ disk }) => disk), folder };
  const outcome = await installInGuest(work, context);
  return { ...outcome, plan, scratch, code: bootCodeOfAll(scratch, before, await readAllRegions(scratch)) };
}

/** The installer's own disks are published. Where they were given room to spare, it runs again on disks without. */
async function scratchItself(trial: Trial, site: Site, context: BuildContext): Promise<Captured> {
  const plan = scratchPlan(site.blueprint, spaceTaken(site.blueprint, trial.installation));
  if (diskBytes(plan) === diskBytes(trial.plan)) return published(trial);
  removeScratch(trial);
  return published(await installOn(plan, site, context));
}

function published({ scratch, plan, code, variables }: Trial): Captured {
  const reason = typeof code === "string" ? code : "its installer wrote other boot code the time before";
  return { installation: emptyInstallation, variables, scratchDisks: { files: filesOf(scratch), plan, reason } };
}

function removeScratch({ scratch }: Trial): void {
  for (const { disk } of scratch) rmSync(disk.path);
}

function scratchPlan(blueprint: Blueprint, space: Bytes): ImagePlan {
  const { request, source } = blueprint;
  const additionalSpace = request.additionalSpace + space;
  return planImage({
    ...blueprint,
    size: request.size,
    additionalSpace,
    files: source.files,
    installation: emptyInstallation,
  });
}

/** What an installation takes on disks of automatic size, with a little for what it changes besides. */
function spaceTaken(blueprint: Blueprint, { trees, files }: GuestInstallation): Bytes {
  const withIt = planOf(blueprint, { ...emptyInstallation, trees, files });
  return diskBytes(withIt) - diskBytes(planOf(blueprint, emptyInstallation)) + besides;
}

const besides = MiB;

function diskBytes({ layout }: ImagePlan): Bytes {
  return layout.disks.reduce((sum, { size }) => sum + size, 0);
}

/** The boot code that an installer wrote to each disk, or why it cannot be laid out again. */
export function bootCodeOfAll(
  scratch: readonly ScratchDisk[],
  before: readonly ReadRegion[][],
  after: readonly ReadRegion[][],
): Installation["bootCode"] | string {
  const extents = new Map<string, readonly Extent[]>();
  for (const [index, { layout }] of scratch.entries()) {
    const code = bootCodeOf(before[index] ?? [], after[index] ?? [], bootCodeLayoutOf(layout));
    if (!code.relocatable) return code.reason;
    extents.set(layout.name, code.extents);
  }
  return extents;
}

async function readRegions(disk: DiskLayout, path: string): Promise<ReadRegion[]> {
  await using file = await open(path, "r");
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  return await readBootRegions(read, bootCodeLayoutOf(disk));
}
