import { MkimageError } from "../base/errors.ts";
import { refuseCoreDumps } from "../runtime/core-dumps.ts";
import { run } from "../runtime/run.ts";
import { architectures } from "./architecture.ts";
import type { Console } from "./console.ts";
import { openMonitor, type Monitor } from "./monitor.ts";
import { withoutMemory } from "./no-memory.ts";
import { overlayEnvironment } from "./overlay-folder.ts";
import { diskName, type Machine, qemuArguments } from "./qemu.ts";

/** How a machine came to its end. `stopped` is our own doing. */
export type MachineEnd =
  | { readonly kind: "ended" }
  | { readonly kind: "stopped" }
  | { readonly kind: "panicked" }
  | { readonly kind: "host-full"; readonly path: string }
  | { readonly kind: "timed-out"; readonly seconds: number; readonly state: string | undefined };

interface RunMachineOptions {
  readonly console: Console;
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Ends the machine without an error. */
  readonly stop?: AbortSignal;
}

/** The kernel's limit for the path of a Unix socket, without its last zero. */
const longestSocketPath = 107;

/**
 * Runs a machine until it switches itself off, panics, is stopped, or is out of time. No process is left.
 *
 * @throws MkimageError COMMAND_FAILED when QEMU itself fails, GUEST_FAILED when there is no memory for it, MISSING_TOOL,
 *   INTERRUPTED.
 */
export async function runMachine(machine: Machine, options: RunMachineOptions): Promise<MachineEnd> {
  refuseCoreDumps();
  const stopper = new AbortController();
  let end: MachineEnd | undefined;
  const stop = (reason: MachineEnd) => {
    end ??= reason;
    stopper.abort();
  };
  const monitor = watch(machine, stop, stopper.signal);
  const { deadlineSeconds: seconds } = options;
  const deadline = setTimeout(async () => {
    stop({ kind: "timed-out", seconds, state: await stateOf(await monitor) });
  }, seconds * 1000);
  options.stop?.addEventListener("abort", () => stop({ kind: "stopped" }));
  try {
    await runQemu(machine, options, stopper.signal);
    // Ctrl-C reaches QEMU too, which then ends by itself, and without complaint.
    if (options.signal?.aborted === true) throw new MkimageError("INTERRUPTED", "interrupted");
    return end ?? { kind: "ended" };
  } catch (error) {
    if (end !== undefined && options.signal?.aborted !== true) return end;
    throw withoutMemory(error, machine.memory);
  } finally {
    clearTimeout(deadline);
    stopper.abort();
    await (await monitor)?.close();
  }
}

async function runQemu(machine: Machine, options: RunMachineOptions, stop: AbortSignal): Promise<void> {
  await run(architectures[machine.architecture].qemu, qemuArguments(machine), {
    signal: options.signal === undefined ? stop : AbortSignal.any([options.signal, stop]),
    // Only a second fence: our own deadline asks QEMU for its state first.
    deadlineSeconds: options.deadlineSeconds + 30,
    onOutput: (text) => options.console.feed(text),
    environment: overlayEnvironment(),
  });
}

/** A machine runs without its monitor too; when QEMU has failed, its own words are the better error. */
function watch(machine: Machine, stop: (end: MachineEnd) => void, signal: AbortSignal): Promise<Monitor | undefined> {
  const path = machine.monitorSocket;
  if (path === undefined) return Promise.resolve(undefined);
  if (Buffer.byteLength(path) > longestSocketPath) throw socketTooLong(path);
  const onHostFull = (device: string) => stop({ kind: "host-full", path: pathOf(machine, device) });
  const onPanic = () => stop({ kind: "panicked" });
  return openMonitor(path, { onHostFull, onPanic }, signal).catch(() => undefined);
}

async function stateOf(monitor: Monitor | undefined): Promise<string | undefined> {
  return monitor?.state().catch(() => undefined);
}

/** QEMU calls a disk by the name that `qemuArguments` gave it. */
function pathOf({ disks }: Machine, device: string): string {
  return disks.find((_, index) => diskName(index) === device)?.path ?? device;
}

function socketTooLong(path: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `the path of a socket may have ${longestSocketPath} bytes: ${path}`, {
    hint: "set TMPDIR to a folder with a shorter path, such as /tmp",
  });
}
