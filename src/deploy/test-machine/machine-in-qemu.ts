import { MkimageError } from "../../base/errors.ts";
import { GiB } from "../../base/units.ts";
import type { Architecture } from "../../guest/architecture.ts";
import { readConsole } from "../../guest/console.ts";
import { machineFailure, trace } from "../../guest/failure.ts";
import type { Acceleration, Disk, Machine, MachineFirmware } from "../../guest/qemu.ts";
import { type MachineEnd, runMachine } from "../../guest/run-machine.ts";
import { currentWitness } from "../../runtime/witness.ts";

/** The parts of a machine that stay the same, whatever it is started from. */
export interface TestParts {
  readonly architecture: Architecture;
  readonly acceleration: Acceleration;
  readonly disks: readonly Disk[];
  readonly firmware: MachineFirmware | undefined;
  /** Of this machine's loopback, behind which its port 22 is. */
  readonly sshPort: number;
  readonly signal: AbortSignal;
}

/** A machine of QEMU's that is under way. */
export interface StartedMachine {
  /** Waits for its end: it switches itself off, or restarts. */
  readonly ended: Promise<MachineEnd>;
  /** @throws MkimageError GUEST_FAILED with the last lines of its console when it has ended without being asked to. */
  requireRunning(): void;
  /** Ends it, and waits for that. */
  stop(): Promise<void>;
}

/** Switches a machine on, with a kernel or, without one, from its disks. */
export function startMachine(parts: TestParts, kernel: Machine["kernel"]): StartedMachine {
  const witness = currentWitness();
  const console = readConsole((line) => witness?.output(line));
  const stopper = new AbortController();
  const { signal, firmware, ...machine } = parts;
  const whole: Machine = {
    ...machine,
    memory: GiB,
    processors: 2,
    clock: Math.floor(Date.now() / 1000),
    ...(firmware === undefined ? {} : { firmware }),
    ...(kernel === undefined ? {} : { kernel }),
  };
  let end: MachineEnd | undefined;
  const options = { console, deadlineSeconds: longestRun, signal, stop: stopper.signal };
  const ended = runMachine(whole, options).then((how) => (end = how));
  ended.catch(() => undefined);
  return {
    ended,
    requireRunning: () => {
      if (end === undefined) return;
      const outcome = { end, console, during: "", logPath: undefined };
      throw (
        machineFailure(outcome) ??
        new MkimageError("GUEST_FAILED", "the test machine ended by itself", { details: trace(outcome) })
      );
    },
    stop: async () => {
      stopper.abort();
      await ended.catch(() => undefined);
    },
  };
}

/** Whoever waits for it has a shorter patience: seconds. */
const longestRun = 24 * 3600;
