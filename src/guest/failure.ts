import { MkimageError } from "../errors.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import type { Console } from "./console.ts";
import type { Job, JobStep } from "./job.ts";
import { lookUp } from "../manifest/tree.ts";
import { contentOf } from "./results.ts";
import type { MachineEnd } from "./run-machine.ts";

/** Everything that is known about a guest when it has ended. */
export interface GuestOutcome {
  readonly end: MachineEnd;
  /** What came back; `undefined` when it is not complete. */
  readonly results: DirectoryInode | undefined;
  readonly job: Job;
  /** The step that was begun last. */
  readonly step: JobStep | undefined;
  readonly console: Console;
  readonly logPath: string;
}

const shownLines = 20;

/** The error that tells the user what went wrong in a guest; `undefined` when every step has succeeded. */
export function guestFailure(outcome: GuestOutcome): MkimageError | undefined {
  const { end, console } = outcome;
  const panic = console.panic();
  if (end.kind === "host-full") return hostFull(outcome, end.device);
  if (end.kind === "panicked" || panic !== undefined) return panicked(outcome, panic ?? "it said no more");
  if (end.kind === "timed-out") return timedOut(outcome, end.seconds, end.state);
  if (outcome.results === undefined) return endedEarly(outcome);
  return failedStep(outcome, outcome.results);
}

function hostFull(outcome: GuestOutcome, device: string): MkimageError {
  return new MkimageError("NO_SPACE", `no space is left on this machine for what the guest writes to ${device}`, {
    details: trace(outcome),
    hint: "free some space where the image is built, or set TMPDIR to a roomier folder",
  });
}

function panicked(outcome: GuestOutcome, words: string): MkimageError {
  return new MkimageError("GUEST_FAILED", `the guest's kernel panicked${during(outcome)}: ${words}`, {
    details: trace(outcome),
    hint: "try another kernel by --vm-kernel, or more memory by --mem-size",
  });
}

function timedOut(outcome: GuestOutcome, seconds: number, state: string | undefined): MkimageError {
  const standstill = state === undefined || state === "running" ? "" : ` (QEMU says: ${state})`;
  return new MkimageError(
    "GUEST_TIMED_OUT",
    `the guest did not end within ${seconds} s${during(outcome)}${standstill}`,
    {
      details: trace(outcome),
      hint: "the last lines of its console tell where it hangs",
    },
  );
}

function endedEarly(outcome: GuestOutcome): MkimageError {
  const reason = outcome.console.lines().flatMap((line) => /^mkimage-guest: gave up: (.*)/.exec(line)?.[1] ?? []);
  const words = reason.length === 0 ? "it said no reason" : reason.join("; ");
  return new MkimageError("GUEST_FAILED", `the guest ended too early${during(outcome)}: ${words}`, {
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
        details: [...output.slice(-shownLines), logLine(outcome)],
      },
    );
  }
  return undefined;
}

function wordOf(results: DirectoryInode, path: string): string {
  const inode = lookUp(results, path);
  return inode?.type === "file" ? contentOf(inode).toString("utf8").trim() : "unknown";
}

function during({ step }: GuestOutcome): string {
  return step === undefined ? " before its first step" : ` at "${step.title}"`;
}

function trace(outcome: GuestOutcome): string[] {
  return [...outcome.console.lastLines(), logLine(outcome)];
}

function logLine({ logPath }: GuestOutcome): string {
  return `the whole log: ${logPath}`;
}
