import type { Installation } from "../bootloader/installation.ts";
import type { ImagePlan } from "../plan/image-plan.ts";
import { captureInstallation } from "./capture.ts";
import type { BuildContext } from "./context.ts";
import { type Draft, planOf } from "./draft.ts";

/** What an installer in a guest leaves for the final image. */
export interface Captured {
  readonly installation: Installation;
  /** A file with the firmware's variables, where they were to be written. */
  readonly variables?: string | undefined;
  /** A disk that has to be published as the installer left it, and why. */
  readonly scratchDisk?: { readonly path: string; readonly reason: string };
}

/** The final image: a bootloader's installation, and the plan that has it in it. */
export interface Installed extends Captured {
  readonly plan: ImagePlan;
}

/**
 * Installs the bootloader as the draft says: not at all, as the host laid it out, or in a guest.
 *
 * @throws MkimageError as `captureInstallation` does, and as `planImage` where what it installed does not fit.
 */
export async function install(drafted: Draft, folder: string, context: BuildContext): Promise<Installed> {
  const { blueprint, installation, plan } = drafted;
  const { boot, source } = blueprint;
  if (boot.engine !== "guest" || source.system === undefined) return { installation, plan };
  context.reporter.note(boot.reason);
  const captured = await captureInstallation(blueprint, source.system, folder, context);
  return { ...captured, plan: planOf(blueprint, captured.installation) };
}
