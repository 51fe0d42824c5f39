import { MkimageError } from "../base/errors.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import type { Console } from "./console.ts";
import type { GuestJob, JobStep } from "./job.ts";
import { lookUp } from "../manifest/tree.ts";
import { contentOf } from "../manifest/file-content.ts";
import type { MachineEnd } from "./run-machine.ts";

/** The facts for the error of a machine that ended abnormally. */
interface MachineOutcome {
  readonly end: MachineEnd;
  readonly console: Console;
  /** Its last action, such as ` at "mount /"`. */
  readonly during: string;
  readonly logPath: string | undefined;
}

/** The error for a machine that panicked, hung or filled the host; `undefined` for one that simply ended. */
export function machineFailure(outcome: MachineOutcome): MkimageError | undefined {
  const { end, console, during } = outcome;
  const details = trace(outcome);
  const panic = console.panic();
  if (end.kind === "host-full") {
    return new MkimageError("NO_SPACE", `no space is left on this machine for what the guest writes to ${end.path}`, {
      details,
      hint: "free some space where the image is built, or set TMPDIR to a roomier folder",
    });
  }
  if (end.kind === "panicked" || panic !== undefined) {
    return new MkimageError("GUEST_FAILED", `the guest's kernel panicked${during}: ${panic ?? "it said no more"}`, {
      details,
      hint: "try another kernel by --vm-kernel, or more memory by --mem-size",
    });
  }
  if (end.kind !== "timed-out") return undefined;
  const state = end.state === undefined || end.state === "running" ? "" : ` (QEMU says: ${end.state})`;
  return new MkimageError("GUEST_TIMED_OUT", `the guest did not end within ${end.seconds} s${during}${state}`, {
    details,
    hint: "the last lines of its console tell where it hangs",
  });
}

/** The last lines of a console, and where all of them are. */
export function trace({ console, logPath }: Pick<MachineOutcome, "console" | "logPath">): string[] {
  return [...console.lastLines(), ...(logPath === undefined ? [] : [`the whole log: ${logPath}`])];
}

/** Everything that is known about a guest when it has ended. */
interface GuestOutcome {
  readonly end: MachineEnd;
  /** The results; `undefined` when they are incomplete. */
  readonly results: DirectoryInode | undefined;
  readonly job: GuestJob;
  /** The step that was begun last. */
  readonly step: JobStep | undefined;
  readonly console: Console;
  readonly logPath: string;
}

const shownLines = 20;

/** The error that tells the user what went wrong in a guest; `undefined` when every step has succeeded. */
export function guestFailure(outcome: GuestOutcome): MkimageError | undefined {
  const failure = machineFailure({ ...outcome, during: atStep(outcome) });
  if (failure !== undefined) return failure;
  return outcome.results === undefined ? endedEarly(outcome) : failedStep(outcome, outcome.results);
}

function endedEarly(outcome: GuestOutcome): MkimageError {
  const reason = outcome.console.lines().flatMap((line) => /^mkimage-guest: gave up: (.*)/.exec(line)?.[1] ?? []);
  const words = reason.length === 0 ? "it said no reason" : reason.join("; ");
  return new MkimageError("GUEST_FAILED", `the guest ended too early${atStep(outcome)}: ${words}`, {
    details: trace(outcome),
  });
}

function failedStep(outcome: GuestOutcome, results: DirectoryInode): MkimageError | undefined {
  for (const [index, step] of outcome.job.steps.entries()) {
    const status = wordOf(results, `step/${index}/status`);
    if (status === "0") continue;
    const output = wordOf(results, `step/${index}/output`)
      .split(/[\r\n]+/)
      .filter((line) => line.trim() !== "");
    return new MkimageError(
      step.failure ?? "GUEST_FAILED",
      `"${step.title}" failed in the guest with exit code ${status}`,
      {
        details: [...output.slice(-shownLines), `the whole log: ${outcome.logPath}`],
      },
    );
  }
  return undefined;
}

function wordOf(results: DirectoryInode, path: string): string {
  const inode = lookUp(results, path);
  return inode?.type === "file" ? contentOf(inode).toString("utf8").trim() : "unknown";
}

function atStep({ step }: GuestOutcome): string {
  return step === undefined ? " before its first step" : ` at "${step.title}"`;
}
