import { rmSync } from "node:fs";
import { join } from "node:path";
import { emptyInstallation, type Installation } from "../bootloader/installation.ts";
import { machineIdOf } from "../bootloader/machine-id.ts";
import { normaliseInstallation } from "../bootloader/normalise.ts";
import { localStore } from "../bootloader/store-reader.ts";
import type { GuestInstallation } from "../guest/read-installation.ts";
import { type Bytes, MiB } from "../layout/units.ts";
import { textOf } from "../manifest/byte-string.ts";
import type { Blueprint } from "../plan/blueprint.ts";
import { type ImagePlan, planImage } from "../plan/image-plan.ts";
import { type InstallWishes, installRequestOf } from "../plan/install-request.ts";
import type { InstalledSystem } from "../plan/source.ts";
import { installsBootLoader } from "../request/rules.ts";
import type { BuildContext } from "./context.ts";
import { planOf } from "./draft.ts";
import { getFillingReady } from "./filling.ts";
import type { Captured } from "./install.ts";
import { type GuestOutcome, installInGuest } from "./install-in-guest.ts";
import { bootCodeOfAll, readAllRegions } from "./scratch-boot-code.ts";
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
  const trial = await installOn(scratchPlan(blueprint, installerSpace), { blueprint, system, folder }, context);
  reportChanges(trial.installation.changed.map(textOf), blueprint.request.capture, context);
  if (typeof trial.code === "string") return scratchItself(trial, { blueprint, system, folder }, context);
  removeScratch(trial);
  const { installation, variables } = trial;
  const machineId = machineIdOf(blueprint.source.files, system.toplevel, localStore);
  const installed = { ...installation, bootCode: trial.code };
  return { installation: normaliseInstallation(installed, { time: context.time, machineId }), variables };
}

/** Whose bootloader is installed, and where scratch disks are. */
interface Site {
  readonly blueprint: Blueprint;
  readonly system: InstalledSystem;
  readonly folder: string;
}

/** What an installer did to scratch disks of a plan. */
interface Trial extends GuestOutcome {
  readonly plan: ImagePlan;
  readonly scratch: readonly ScratchDisk[];
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
