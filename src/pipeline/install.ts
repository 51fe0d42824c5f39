import type { Installation } from "../bootloaders/installation.ts";
import type { ImagePlan } from "./plan/image-plan.ts";
import { requirePlaces } from "./plan/require-places.ts";
import { captureInstallation } from "./capture.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { fillDisks } from "./fill.ts";
import type { GuestSite } from "./filling.ts";
import { SourceDisk } from "./filling-disks.ts";
import { makeByScript } from "./make-by-script.ts";
import { runNixosInstall } from "./run-nixos-install.ts";
import type { FinishedDisks } from "./scratch.ts";

/** The results of an installer for the final image. */
export interface Captured {
  readonly installation: Installation;
  /** A file with the firmware's variables, where they were to be written. */
  readonly variables?: string | undefined;
  /** Disks that have to be published as a guest left them. */
  readonly scratchDisks?: FinishedDisks;
}

/** The final image: a bootloader's installation, and the plan that has it in it. */
export interface Installed extends Captured {
  readonly plan: ImagePlan;
}

/**
 * Carries out the recipe of a draft: installs the bootloader, and has made what the host cannot make of the image.
 *
 * @throws MkimageError as the strategies do, and as `SurveyedImage.plan` where what was installed does not fit.
 */
export async function install(drafted: Draft, folder: string, context: BuildContext): Promise<Installed> {
  const { recipe } = drafted;
  if (recipe.disks.by === "nixos-install") return runNixosInstall(recipe.disks, drafted, folder, context);
  if (recipe.disks.by === "script") return makeByScript(recipe.disks, drafted, folder, context);
  const site = { folder, source: new SourceDisk(folder) };
  const ready = await withBootloader(drafted, site, context);
  if (recipe.disks.by === "host" || ready.scratchDisks !== undefined) return ready;
  const scratchDisks = await fillDisks({ ...drafted, ...ready, maker: recipe.disks }, site, context);
  return { ...ready, scratchDisks, plan: scratchDisks.plan };
}

type WithBootloader = Installed & Pick<Draft, "survey">;

async function withBootloader(drafted: Draft, site: GuestSite, context: BuildContext): Promise<WithBootloader> {
  const { blueprint, recipe } = drafted;
  if (recipe.bootloader.by !== "guest") return drafted;
  context.reporter.note(recipe.bootloader.reason);
  const captured = await captureInstallation(drafted, recipe.bootloader.system, site, context);
  const { scratchDisks, installation } = captured;
  if (scratchDisks !== undefined) return { ...captured, survey: drafted.survey, plan: scratchDisks.plan };
  const survey = drafted.survey.with(installation);
  const plan = survey.plan(blueprint.request.additionalSpace);
  requirePlaces(blueprint, plan, installation);
  return { ...captured, survey, plan };
}
