import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chooseAcceleration } from "../guest/acceleration.ts";
import type { Architecture } from "../guest/architecture.ts";
import { findFirmware } from "../guest/firmware.ts";
import { type InstallRequest, installJob } from "../guest/install-job.ts";
import { chooseKernel } from "../guest/kernel.ts";
import type { Disk, MachineFirmware } from "../guest/qemu.ts";
import { type GuestInstallation, readInstallation } from "../guest/read-installation.ts";
import { runGuest } from "../guest/run-guest.ts";
import { MiB } from "../layout/units.ts";
import type { Request } from "../request/schema.ts";
import type { BuildContext } from "./context.ts";

/** What a guest installs on, and with what. */
export interface GuestWork {
  readonly request: Request;
  readonly install: InstallRequest;
  readonly architecture: Architecture;
  readonly disks: readonly Disk[];
  /** Where the scratch files of the guest are. */
  readonly folder: string;
  /** Where its console is left after a failure. */
  readonly logPath: string;
}

/** What came back, and the firmware's variables where the guest could write them. */
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
  const { request, install, architecture } = work;
  const job = installJob(install);
  const kernel = chooseKernel({ toplevel: install.toplevel, needs: job.modules ?? [], vmKernel: request.vmKernel });
  if (kernel.note !== undefined) context.reporter.note(kernel.note);
  const firmware = request.touchEfiVars ? firmwareFor(work) : undefined;
  const { acceleration, note } = await chooseAcceleration(request.accel, { architecture, signal: context.signal });
  if (note !== undefined) context.reporter.note(note);
  const machine = {
    architecture,
    acceleration,
    kernel,
    disks: work.disks,
    memory: request.memSize * MiB,
    clock: context.time,
    ...(firmware === undefined ? {} : { firmware }),
  };
  const { results } = await context.reporter.task("Installing the bootloader in a guest", (task) =>
    runGuest(machine, job, {
      logPath: work.logPath,
      resultsPath: join(work.folder, "results"),
      deadlineSeconds: request.vmDeadline,
      signal: context.signal,
      onStep: (title, index, count) => task.detail(`${index + 1}/${count} ${title}`),
    }),
  );
  rmSync(work.logPath, { force: true });
  return { installation: readInstallation(results, install), variables: firmware?.variables };
}

function firmwareFor({ request, architecture, folder }: GuestWork): MachineFirmware {
  const firmware = findFirmware({
    architecture,
    ...(request.firmware === undefined ? {} : { executable: request.firmware }),
    ...(request.variables === undefined ? {} : { variables: request.variables }),
  });
  const variables = join(folder, "efi-vars.fd");
  copyFileSync(firmware.variables, variables);
  return { ...firmware, variables };
}
