import { rmSync } from "node:fs";
import { join } from "node:path";
import { emptyInstallation, type Installation } from "../bootloaders/installation.ts";
import { machineIdOf } from "../bootloaders/machine-id.ts";
import { normaliseInstallation } from "../bootloaders/normalise.ts";
import { localStore } from "../bootloaders/store-reader.ts";
import type { GuestInstallation } from "../guest/read-installation.ts";
import { type Bytes, MiB } from "../base/units.ts";
import { textOf } from "../base/byte-string.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { diskBytes, type ImagePlan } from "./plan/image-plan.ts";
import { type InstallWishes, installRequestOf } from "./plan/install-request.ts";
import type { InstalledSystem } from "./plan/source.ts";
import { installsBootLoader } from "../request/whole-system.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { type GuestSite, getFillingReady } from "./filling.ts";
import type { Captured } from "./install.ts";
import { type GuestOutcome, installInGuest } from "./install-in-guest.ts";
import { bootCodeOfAll, readAllRegions } from "./scratch-boot-code.ts";
import { filesOf, type ScratchDisk, writeScratch } from "./scratch.ts";

/** Space for the installer on a scratch disk of automatic size, besides the free space that the user wants. */
export const installerSpace = 256 * MiB;

/**
 * Lets the system's own installer run on a scratch copy of the image, and takes from it what belongs to booting.
 *
 * @throws MkimageError as `getFillingReady` and `installInGuest` do, and NO_SPACE.
 */
export async function captureInstallation(
  drafted: Draft,
  system: InstalledSystem,
  guestSite: GuestSite,
  context: BuildContext,
): Promise<Captured> {
  const { blueprint } = drafted;
  const site = { drafted, system, guestSite };
  const trial = await installOn(scratchPlan(drafted, installerSpace), site, context);
  reportChanges(trial.installation.changed.map(textOf), blueprint.request.capture, context);
  if (typeof trial.code === "string") return scratchItself(trial, site, context);
  removeScratch(trial);
  const { installation, variables } = trial;
  const machineId = machineIdOf(blueprint.source.files, system.toplevel, localStore);
  const installed = { ...installation, bootCode: trial.code };
  return { installation: normaliseInstallation(installed, { time: context.time, machineId }), variables };
}

/** The system whose bootloader is installed, and the place of scratch disks. */
interface Site {
  readonly drafted: Draft;
  readonly system: InstalledSystem;
  readonly guestSite: GuestSite;
}

/** The outcome of an installer's run on scratch disks of a plan. */
interface Trial extends GuestOutcome {
  readonly plan: ImagePlan;
  readonly scratch: readonly ScratchDisk[];
  /** The boot code of each disk, or why it holds for these disks only. */
  readonly code: Installation["bootCode"] | string;
}

async function installOn(plan: ImagePlan, site: Site, context: BuildContext): Promise<Trial> {
  const { system } = site;
  const { blueprint, recipe } = site.drafted;
  const { folder } = site.guestSite;
  const { request } = blueprint;
  const { architecture } = system;
  const filling =
    recipe.disks.by === "guest"
      ? await getFillingReady(blueprint, plan, { ...site.guestSite, ...recipe.disks, architecture }, context)
      : undefined;
  const scratch = await writeScratch(plan, new Map(), join(folder, "scratch"), context);
  const before = await readAllRegions(scratch);
  const install = installRequestOf(plan.layout, wishesOf(blueprint, system));
  const work = { request, install, filling, architecture, disks: scratch.map(({ disk }) => disk), folder };
  const outcome = await installInGuest(work, context);
  return { ...outcome, plan, scratch, code: bootCodeOfAll(scratch, before, await readAllRegions(scratch)) };
}

/** The installer's own disks are published. Where they were given room to spare, it runs again on disks without. */
async function scratchItself(trial: Trial, site: Site, context: BuildContext): Promise<Captured> {
  // Disks of a given size had none.
  if (trial.plan === site.drafted.plan) return published(trial);
  const plan = scratchPlan(site.drafted, spaceTaken(site.drafted, trial.installation));
  if (diskBytes(plan.layout) === diskBytes(trial.plan.layout)) return published(trial);
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

/** The image before any installation, with room for one. */
export function scratchPlan({ blueprint, survey }: Draft, space: Bytes): ImagePlan {
  return survey.plan(blueprint.request.additionalSpace + space);
}

/** Computes the space of an installation on disks of automatic size, with a little for its other changes. */
function spaceTaken(drafted: Draft, { trees, files }: GuestInstallation): Bytes {
  const { blueprint, plan, survey } = drafted;
  const withIt = survey.with({ ...emptyInstallation, trees, files });
  return withIt.size(blueprint.request.additionalSpace) - diskBytes(plan.layout) + besides;
}

const besides = MiB;

/** The parameters of an installation in a guest. */
export function wishesOf({ request, source }: Blueprint, { toplevel, bootDevices }: InstalledSystem): InstallWishes {
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
