import { rmSync } from "node:fs";
import { type Architecture, architectures } from "../guest/architecture.ts";
import type { GuestJob } from "../guest/job.ts";
import type { Disk, MachineFirmware } from "../guest/qemu.ts";
import { programSource } from "../guest/toolbox/program-source.ts";
import { MiB } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import type { Request } from "../request/schema.ts";
import type { BuildContext } from "./context.ts";
import { guestLogOf } from "./guest-log.ts";
import { toolboxPathOf } from "./toolbox-path.ts";

/** The guest of a build. */
interface BuildGuest {
  readonly request: Request;
  /** The system whose kernel the guest is to have. */
  readonly toplevel: string | undefined;
  readonly architecture: Architecture;
  readonly disks: readonly Disk[];
  readonly firmware?: MachineFirmware | undefined;
  /** A folder to be made for what comes back; it stays there for as long as it is read. */
  readonly resultsPath: string;
}

/**
 * Runs a job of a build in a guest, as the request wants guests to be; what came back is in the answer.
 *
 * @param title what the job does, for people.
 * @throws MkimageError GUEST_FAILED, GUEST_TIMED_OUT, the codes of its steps, MISSING_TOOL, NOT_A_SYSTEM.
 */
export async function runJob(
  title: string,
  job: GuestJob,
  guest: BuildGuest,
  context: BuildContext,
): Promise<DirectoryInode> {
  const { request, toplevel, architecture, disks, firmware } = guest;
  const kernel = context.guests.chooseKernel({ ...kernelRequest(request, toplevel), needs: job.modules ?? [] });
  if (kernel.note !== undefined) context.reporter.note(kernel.note);
  const { acceleration, note } = await context.guests.chooseAcceleration(request.accel, {
    architecture,
    signal: context.signal,
  });
  if (note !== undefined) context.reporter.note(note);
  const machine = {
    architecture,
    acceleration,
    kernel,
    busybox: busyboxOf(request, architecture),
    disks,
    memory: request.memSize * MiB,
    clock: context.time,
    ...(firmware === undefined ? {} : { firmware }),
  };
  const { results } = await context.reporter.task(title, (task) =>
    context.guests.runGuest(machine, job, {
      logPath: guestLogOf(request),
      resultsPath: guest.resultsPath,
      deadlineSeconds: request.vmDeadline,
      signal: context.signal,
      onStep: (step, index, count) => task.detail(`${index + 1}/${count} ${step}`),
    }),
  );
  rmSync(guestLogOf(request), { force: true });
  return results;
}

/** This machine's serves in guests of its own kind. */
function busyboxOf(request: Request, architecture: Architecture): string | undefined {
  const storePath = toolboxPathOf(request);
  if (storePath === undefined || architectures[architecture].nodeName === process.arch) return undefined;
  return programSource(storePath).find("busybox");
}

/** Where the kernel of a build's guests comes from. */
export function kernelRequest(request: Request, toplevel: string | undefined) {
  return { vmKernel: request.vmKernel, ...(toplevel === undefined ? {} : { toplevel }) };
}
