import { rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { bootCodeOf, type ReadRegion, readBootRegions } from "../bootloader/boot-code.ts";
import { emptyInstallation, type Installation } from "../bootloader/installation.ts";
import { machineIdOf } from "../bootloader/machine-id.ts";
import { normaliseInstallation } from "../bootloader/normalise.ts";
import { localStore } from "../bootloader/store-reader.ts";
import type { Extent } from "../image/extent.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { MiB } from "../layout/units.ts";
import { textOf } from "../manifest/byte-string.ts";
import type { Blueprint } from "../plan/blueprint.ts";
import { bootCodeLayoutOf } from "../plan/boot-code-layout.ts";
import { type ImagePlan, planImage } from "../plan/image-plan.ts";
import { type InstallWishes, installRequestOf } from "../plan/install-request.ts";
import type { InstalledSystem } from "../plan/source.ts";
import { installsBootLoader } from "../request/rules.ts";
import type { BuildContext } from "./context.ts";
import { getFillingReady } from "./filling.ts";
import type { Captured } from "./install.ts";
import { installInGuest } from "./install-in-guest.ts";
import { filesOf, type ScratchDisk, writeScratch } from "./scratch.ts";

/** What an installer may need on a scratch disk of automatic size, besides what the user wants to have free. */
const installerSpace = 256 * MiB;

/**
 * Lets the system's own installer run on a scratch copy of the image, and takes from it what belongs to booting.
 *
 * @throws MkimageError as `getFillingReady` and `installInGuest` do, and NO_SPACE.
 */
export async function captureInstallation(
  blueprint: Blueprint,
  system: InstalledSystem,
  folder: string,
  context: BuildContext,
): Promise<Captured> {
  const { request } = blueprint;
  const { toplevel, architecture } = system;
  const plan = scratchPlan(blueprint);
  const filling = await getFillingReady(plan, { request, toplevel, architecture, folder }, context);
  const scratch = await writeScratch(plan, new Map(), join(folder, "scratch"), context);
  const before = await readAllRegions(scratch);
  const install = installRequestOf(plan.layout, wishesOf(blueprint, system));
  const work = { request, install, filling, architecture, disks: scratch.map(({ disk }) => disk), folder };
  const { installation, variables } = await installInGuest(work, context);
  reportChanges(installation.changed.map(textOf), request.capture, context);
  const code = bootCodeOfAll(scratch, before, await readAllRegions(scratch));
  if (typeof code === "string")
    return {
      installation: emptyInstallation,
      variables,
      scratchDisks: { files: filesOf(scratch), plan, reason: code },
    };
  for (const { disk } of scratch) rmSync(disk.path);
  const machineId = machineIdOf(blueprint.source.files, system.toplevel, localStore);
  const installed = { ...installation, bootCode: code };
  return { installation: normaliseInstallation(installed, { time: context.time, machineId }), variables };
}

function scratchPlan(blueprint: Blueprint): ImagePlan {
  const { request, source } = blueprint;
  const additionalSpace = request.additionalSpace + installerSpace;
  return planImage({
    ...blueprint,
    size: request.size,
    additionalSpace,
    files: source.files,
    installation: emptyInstallation,
  });
}

/** The boot code of each disk, or why it cannot be laid out again. */
function bootCodeOfAll(
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

function readAllRegions(scratch: readonly ScratchDisk[]): Promise<ReadRegion[][]> {
  return Promise.all(scratch.map(({ layout, disk }) => readRegions(layout, disk.path)));
}

async function readRegions(disk: DiskLayout, path: string): Promise<ReadRegion[]> {
  await using file = await open(path, "r");
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  return await readBootRegions(read, bootCodeLayoutOf(disk));
}

function wishesOf({ request, source }: Blueprint, { toplevel, bootDevices }: InstalledSystem): InstallWishes {
  return {
    toplevel,
    bootDevices,
    installBootloader: installsBootLoader(request),
    touchEfiVariables: request.touchEfiVars,
    owners: source.namedOwners,
    capture: request.capture,
  };
}

/** Only what belongs to booting is taken over, so the rest must not go unseen. A folder changes with what is in it. */
function reportChanges(changed: readonly string[], captured: readonly string[], context: BuildContext): void {
  const left = changed
    .filter((path) => !changed.some((other) => other.startsWith(`${path}/`)))
    .filter((path) => !captured.some((kept) => path === kept || path.startsWith(`${kept}/`)));
  if (left.length === 0) return;
  const shown = left.slice(0, 10).join(", ");
  const more = left.length > 10 ? ` and ${left.length - 10} more` : "";
  context.reporter.note(`the installer also changed ${shown}${more}; --capture PATH keeps such a path`);
}
