import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { GiB, type Bytes } from "../base/units.ts";
import { currentWitness } from "../runtime/witness.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { Architecture } from "./architecture.ts";
import { readConsole, type Console } from "./console.ts";
import { machineFailure, trace } from "./failure.ts";
import type { Firmware } from "./firmware.ts";
import type { Acceleration, Disk, Machine } from "./qemu.ts";
import { runMachine, type MachineEnd } from "./run-machine.ts";

interface BootOptions {
  readonly architecture: Architecture;
  readonly acceleration: Acceleration;
  /** The first disk is the one to boot from. */
  readonly disks: readonly Disk[];
  /** A kernel to start with the first disk, in place of what the disk would boot. */
  readonly kernel?: Machine["kernel"];
  /** Default: SeaBIOS. The machine gets a copy of the variables unless `variablesPath` names its own. */
  readonly firmware?: Firmware;
  /** A file of variables that the machine may write to and that stays, such as an image's efi-vars.fd. */
  readonly variablesPath?: string;
  /** Default: 1 GiB. */
  readonly memory?: Bytes;
  /** Default: 1. */
  readonly processors?: number;
  /** The machine's clock at the start, in seconds since 1970. Default: now. */
  readonly clock?: number;
  /** A line of the serial console that ends the machine. Default: it runs until it switches itself off. */
  readonly until?: RegExp;
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal;
  /** Where the whole console is kept. Default: nowhere. */
  readonly logPath?: string;
  readonly onLine?: (line: string) => void;
}

interface BootResult {
  /** Everything that came over the serial line, in lines, without escape sequences. */
  readonly lines: readonly string[];
  /** The line that matched `until`. */
  readonly matched: string | undefined;
}

/**
 * Boots an image as a machine of its own, under SeaBIOS or UEFI firmware, and reads its serial line.
 *
 * @throws MkimageError GUEST_TIMED_OUT; GUEST_FAILED when it panics, or ends before the line that was waited for;
 *   INTERRUPTED; COMMAND_FAILED when QEMU itself fails.
 */
export async function bootImage(options: BootOptions): Promise<BootResult> {
  const workspace = await openTemporaryWorkspace();
  const found = new AbortController();
  const lines: string[] = [];
  let matched: string | undefined;
  const witness = currentWitness();
  const console = readConsole((line) => {
    witness?.output(line);
    lines.push(line);
    options.onLine?.(line);
    if (matched !== undefined || options.until?.test(line) !== true) return;
    matched = line;
    found.abort();
  });
  try {
    const end = await runMachine(machineOf(options, workspace.folder), { console, stop: found.signal, ...options });
    const failure = matched === undefined ? bootFailure(end, console, options) : undefined;
    if (failure !== undefined) throw failure;
    return { lines, matched };
  } finally {
    workspace.remove();
  }
}

function machineOf(options: BootOptions, folder: string): Machine {
  const { architecture, acceleration, disks, logPath } = options;
  return {
    architecture,
    acceleration,
    disks,
    memory: options.memory ?? GiB,
    processors: options.processors ?? 1,
    clock: options.clock ?? Math.floor(Date.now() / 1000),
    monitorSocket: join(folder, "qmp"),
    ...(options.firmware === undefined
      ? {}
      : { firmware: firmwareIn(folder, options.firmware, options.variablesPath) }),
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
    ...(logPath === undefined ? {} : { logPath }),
  };
}

function firmwareIn(folder: string, firmware: Firmware, variablesPath: string | undefined) {
  if (variablesPath !== undefined) return { ...firmware, variables: variablesPath };
  const variables = join(folder, "efi-vars.fd");
  copyFileSync(firmware.variables, variables);
  return { ...firmware, variables };
}

function bootFailure(end: MachineEnd, console: Console, { until, logPath }: BootOptions): MkimageError | undefined {
  const during = until === undefined ? "" : `, waiting for ${until}`;
  const failure = machineFailure({ end, console, during, logPath });
  if (failure !== undefined || until === undefined) return failure;
  return new MkimageError("GUEST_FAILED", `the machine ended without saying ${until}`, {
    details: trace({ console, logPath }),
  });
}
