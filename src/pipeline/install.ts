import type { Installation } from "../bootloaders/installation.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { guestShareOf } from "./plan/guest-share.ts";
import type { ImagePlan } from "./plan/image-plan.ts";
import { requirePlaces } from "./plan/require-places.ts";
import { captureInstallation } from "./capture.ts";
import type { BuildContext } from "./context.ts";
import { type Draft, planOf } from "./draft.ts";
import { fillDisks } from "./fill.ts";
import { makeByScript } from "./make-by-script.ts";
import type { FinishedDisks } from "./scratch.ts";

/** What an installer in a guest leaves for the final image. */
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
 * Installs the bootloader as the draft says: not at all, as the host laid it out, or in a guest. What only a guest can
 * make of the image is made. A script of the user's makes all of it.
 *
 * @throws MkimageError as `captureInstallation` and `fillDisks` do, and as `planImage` where what it installed does not fit.
 */
export async function install(drafted: Draft, folder: string, context: BuildContext): Promise<Installed> {
  const { blueprint, installation, plan } = drafted;
  const { boot, source } = blueprint;
  if (source.script !== undefined) return makeByScript(source.script, drafted, folder, context);
  if (boot.engine !== "guest" || source.system === undefined)
    return fill(blueprint, { installation, plan }, folder, context);
  context.reporter.note(boot.reason);
  const captured = await captureInstallation(blueprint, source.system, folder, context);
  if (captured.scratchDisks !== undefined) return { ...captured, plan: captured.scratchDisks.plan };
  const withBoot = planOf(blueprint, captured.installation);
  requirePlaces(blueprint, withBoot, captured.installation);
  return fill(blueprint, { ...captured, plan: withBoot }, folder, context);
}

/** Where a guest has to make some of the filesystems, the disk that it leaves is the final one. */
async function fill(
  blueprint: Blueprint,
  installed: Installed,
  folder: string,
  context: BuildContext,
): Promise<Installed> {
  if (guestShareOf(blueprint, installed.plan) === undefined) return installed;
  const scratchDisks = await fillDisks(blueprint, installed.installation, installed.plan, folder, context);
  return { ...installed, scratchDisks, plan: scratchDisks.plan };
}
