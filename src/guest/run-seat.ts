import { execa } from "execa";
import { MkimageError } from "../base/errors.ts";
import { refuseCoreDumps } from "../runtime/core-dumps.ts";
import { quoteArguments } from "../base/quote.ts";
import { bound } from "../runtime/run.ts";
import { findTool } from "../runtime/tools.ts";
import { currentWitness } from "../runtime/witness.ts";
import { architectures } from "./architecture.ts";
import { overlayEnvironment } from "./overlay-folder.ts";
import { type Machine, qemuArguments } from "./qemu.ts";

/**
 * Runs a machine at this terminal: what is typed goes to its serial console, Ctrl-A X ends it, and so does its power-off.
 * The machine dies with this process.
 *
 * @throws MkimageError COMMAND_FAILED when QEMU fails, MISSING_TOOL, INTERRUPTED.
 */
export async function runSeat(machine: Machine, signal: AbortSignal): Promise<void> {
  const argv = [findTool(architectures[machine.architecture].qemu), ...qemuArguments(machine)];
  currentWitness()?.command(argv);
  refuseCoreDumps();
  const [file, ...rest] = bound(argv) as [string, ...string[]];
  const result = await execa(file, rest, {
    stdio: "inherit",
    reject: false,
    cancelSignal: signal,
    env: overlayEnvironment(),
  });
  if (result.isCanceled) throw new MkimageError("INTERRUPTED", "interrupted", { cause: result });
  if (!result.failed) return;
  const how = result.signal === undefined ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
  throw new MkimageError("COMMAND_FAILED", `${argv[0]} failed with ${how}`, { details: [quoteArguments(argv)] });
}
