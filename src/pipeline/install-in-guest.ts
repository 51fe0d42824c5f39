import { join } from "node:path";
import type { Architecture } from "../guest/architecture.ts";
import { type GuestInstallRequest, installJob } from "../guest/install-job.ts";
import { inTurn } from "../guest/job.ts";
import type { Disk } from "../guest/qemu.ts";
import { type GuestInstallation, readInstallation } from "../guest/read-installation.ts";
import type { Request } from "../request/schema.ts";
import type { BuildContext } from "./context.ts";
import type { Filling } from "./filling.ts";
import { firmwareFor } from "./guest-firmware.ts";
import { runJob } from "./run-job.ts";

/** The installation in a guest, with its disks and their preparation. */
interface GuestWork {
  readonly request: Request;
  readonly install: GuestInstallRequest;
  /** The job that the guest runs on the disks before it installs; `undefined`: none. */
  readonly filling: Filling | undefined;
  readonly architecture: Architecture;
  readonly disks: readonly Disk[];
  /** Where the scratch files of the guest are. */
  readonly folder: string;
}

/** The captured installation, and the firmware's variables where the guest could write them. */
export interface GuestOutcome {
  readonly installation: GuestInstallation;
  readonly variables: string | undefined;
}

/**
 * Lets a system install its bootloader on scratch disks, in a guest with its own kernel.
 *
 * @throws MkimageError GUEST_FAILED, GUEST_TIMED_OUT, INSTALLER_FAILED, MISSING_TOOL, NOT_A_SYSTEM.
 */
export async function installInGuest(work: GuestWork, context: BuildContext): Promise<GuestOutcome> {
  const { request, install, filling, architecture, folder } = work;
  const firmware = request.touchEfiVars ? firmwareFor(request, architecture, folder) : undefined;
  const disks = [...work.disks, ...(filling?.disks ?? [])];
  const resultsPath = join(folder, "results");
  const guest = { request, toplevel: install.toplevel, architecture, disks, firmware, resultsPath };
  const job = filling === undefined ? installJob(install) : inTurn(filling.job, installJob(install, filling));
  const results = await runJob("Installing the bootloader in a guest", job, guest, context);
  filling?.markProven();
  return { installation: readInstallation(results, install), variables: firmware?.variables };
}
