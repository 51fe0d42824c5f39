import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GiB, type Bytes } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { currentWitness } from "../runtime/witness.ts";
import { openTemporaryWorkspace, openWorkspace, type Workspace } from "../runtime/workspace.ts";
import type { Architecture } from "./architecture.ts";
import { staticBusybox } from "./busybox.ts";
import { readConsole } from "./console.ts";
import { cpioArchive } from "./cpio.ts";
import { guestFailure } from "./failure.ts";
import { initrdEntries, optionalModules } from "./initrd.ts";
import { jobEntries, type GuestJob, type JobStep } from "./job.ts";
import { basicModules, type GuestKernel } from "./kernel.ts";
import { readModuleFiles } from "./module-files.ts";
import type { Acceleration, Disk, Machine, MachineFirmware } from "./qemu.ts";
import { ramFolder } from "./ram-folder.ts";
import { makeResultDisks, readResults } from "./results.ts";
import { runMachine } from "./run-machine.ts";

/** The machine that a job runs on; the disk for its results comes on top. */
export interface GuestMachine {
  readonly architecture: Architecture;
  readonly acceleration: Acceleration;
  readonly kernel: GuestKernel;
  /** A static busybox. Default: this machine's. */
  readonly busybox?: string | undefined;
  /** In this order they are the first disks of the guest: `/dev/vda`, `/dev/vdb` … */
  readonly disks: readonly Disk[];
  readonly firmware?: MachineFirmware;
  /** Default: 1 GiB. */
  readonly memory?: Bytes;
  /** Default: 1. */
  readonly processors?: number;
  /** The guest's clock at the start, in seconds since 1970. Default: 1. */
  readonly clock?: number;
}

export interface RunGuestOptions {
  /** Where the guest's whole console is to be found when it has ended, also after a failure, but not when interrupted. */
  readonly logPath: string;
  /** A folder to be made for the results, which stay there for as long as the caller reads them; removed after a failure. */
  readonly resultsPath: string;
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal;
  /** Called when a step begins. */
  readonly onStep?: (title: string, index: number, count: number) => void;
  /** Called with each line of the console. */
  readonly onLine?: (line: string) => void;
}

interface JobResult {
  /** The files that the job left in `/results/files`, as `files`, and those it sent with `/vm/capture`, as `mnt`. */
  readonly results: DirectoryInode;
  readonly seconds: number;
}

/**
 * Boots a guest, runs a job in it, and waits until it has switched itself off. QEMU dies with this process, and nothing
 * but the log and the results is left.
 *
 * @throws MkimageError GUEST_FAILED when the guest panics or ends early; GUEST_TIMED_OUT; the code of the step that
 *   failed, with its last lines; NO_SPACE when the host has no room for what the guest writes; INTERRUPTED.
 */
export async function runGuest(machine: GuestMachine, job: GuestJob, options: RunGuestOptions): Promise<JobResult> {
  const workspace = await openTemporaryWorkspace();
  const secretWorkspace = job.secrets === undefined ? undefined : await openWorkspace(ramFolder());
  try {
    const initrd = join((secretWorkspace ?? workspace).folder, "initrd");
    writeFileSync(initrd, await wholeInitrd(machine, job, workspace), { mode: 0o600 });
    return await runToEnd(machine, job, options, { initrd, folder: workspace.folder });
  } catch (error) {
    rmSync(options.resultsPath, { recursive: true, force: true });
    throw error;
  } finally {
    secretWorkspace?.remove();
    workspace.remove();
  }
}

/** The kernel modules that a job needs; where one is missing, another kernel is to be chosen. */
function modulesFor(job: GuestJob): string[] {
  return [...basicModules, ...(job.modules ?? [])];
}

async function wholeInitrd(machine: GuestMachine, job: GuestJob, workspace: Workspace): Promise<Buffer> {
  const busybox = staticBusybox(machine.architecture, machine.busybox);
  const names = [...modulesFor(job), ...optionalModules];
  const modules = await readModuleFiles(machine.kernel, names, workspace.folder);
  return cpioArchive([...initrdEntries({ busybox, modules, init: "init" }), ...jobEntries(job)]);
}

interface Place {
  readonly initrd: string;
  readonly folder: string;
}

async function runToEnd(
  guest: GuestMachine,
  job: GuestJob,
  options: RunGuestOptions,
  place: Place,
): Promise<JobResult> {
  const started = performance.now();
  const disks = [...guest.disks, ...makeResultDisks(options.resultsPath, job.resultsLimit ?? 4 * GiB)];
  let step: JobStep | undefined;
  const witness = currentWitness();
  const console = readConsole((line) => {
    witness?.output(line);
    options.onLine?.(line);
    const index = beginning(line);
    if (index === undefined) return;
    step = job.steps[index];
    if (step !== undefined) options.onStep?.(step.title, index, job.steps.length);
  });
  const log = join(place.folder, "console");
  const end = await runMachine(machineOf({ ...guest, disks }, log, place), { console, ...options }).finally(() =>
    keepLog(log, options),
  );
  const results = end.kind === "ended" ? readResults(options.resultsPath) : undefined;
  const failure = guestFailure({ end, results, job, step, console, logPath: options.logPath });
  if (failure !== undefined || results === undefined) throw failure;
  return { results, seconds: (performance.now() - started) / 1000 };
}

/** Keeps the log where possible: a failure to copy it, such as a full disk, must not hide the guest's own error. */
function keepLog(log: string, { logPath, signal }: RunGuestOptions): void {
  if (signal?.aborted === true || !existsSync(log)) return;
  try {
    copyFileSync(log, logPath);
  } catch {
    rmSync(logPath, { force: true });
  }
}

/** `mkimage-guest: begin 2` */
function beginning(line: string): number | undefined {
  const index = /^mkimage-guest: begin (\d+)$/.exec(line)?.[1];
  return index === undefined ? undefined : Number(index);
}

/**
 * A panic restarts the machine at once, which ends it. Of the kernel's messages only warnings are shown. On a busy machine an
 * emulated timer can be late enough for the kernel to give up on it at the start; it works all the same.
 */
const kernelParameters = ["panic=-1", "loglevel=5", "no_timer_check"];

function machineOf(guest: GuestMachine, logPath: string, place: Place): Machine {
  return {
    architecture: guest.architecture,
    acceleration: guest.acceleration,
    memory: guest.memory ?? GiB,
    processors: guest.processors ?? 1,
    clock: guest.clock ?? 1,
    disks: guest.disks,
    ...(guest.firmware === undefined ? {} : { firmware: guest.firmware }),
    kernel: { image: guest.kernel.image, initrd: place.initrd, parameters: kernelParameters },
    logPath,
    monitorSocket: join(place.folder, "qmp"),
  };
}
