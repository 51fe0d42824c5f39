import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { quoteArguments } from "../base/quote.ts";
import { refuseCoreDumps } from "../runtime/core-dumps.ts";
import { lineReader } from "../runtime/line-reader.ts";
import { run } from "../runtime/run.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { Held } from "../runtime/lock-file.ts";
import type { Executor, Stopping } from "../steps/executor.ts";
import { refusalMark } from "../steps/refusal.ts";
import { renderScript } from "../devices/steps/script.ts";
import type { Step } from "../steps/step.ts";
import { finishing } from "./finishing.ts";

/** How the local executor tells what it does. */
export interface LocalExecutorOptions {
  readonly signal: AbortSignal;
  /** Where the signal ends the steps. Default: at once. */
  readonly stopping?: Stopping;
  /** Keeps others away from the disks until the last program of the steps has ended, even where this process was killed before. */
  readonly held?: Held;
  /** Called with the title of each step when it begins. */
  readonly onStep: (title: string) => void;
  /** Called with what the steps found worth knowing: that an array lacks a member. */
  readonly onNote?: (text: string) => void;
  /** Called with what the steps print; without it that is shown only when one of them fails. */
  readonly onOutput?: (text: string) => void;
}

/** Runs steps on this machine, as exactly the script that `--dry-run` prints. */
export function localExecutor(options: LocalExecutorOptions): Executor {
  return { run: (steps) => runHere(steps, options) };
}

/** Large disks take their time to be encrypted or discarded. */
const deadlineSeconds = 24 * 60 * 60;

/** LVM's programs say of each open file that they inherit that it is one. Source: lvm(8). */
const environment = { LVM_SUPPRESS_FD_WARNINGS: "1" };

async function runHere(
  steps: readonly Step[],
  { signal, stopping = "at once", held, onStep, onNote, onOutput }: LocalExecutorOptions,
): Promise<void> {
  const workspace = await openTemporaryWorkspace();
  const script = join(workspace.folder, "steps.sh");
  refuseCoreDumps();
  let current: Step | undefined;
  const refusal = refusalReader();
  const watch = titleWatcher(steps, (step) => {
    current = step;
    onStep(step.title);
  });
  try {
    const lines = renderScript(steps, stopping);
    writeFileSync(script, onOutput === undefined ? lines : tracing(lines));
    const onErrors = lineReader((line) => {
      if (line.startsWith("==! ")) onNote?.(line.slice("==! ".length));
      refusal.read(line);
    });
    // Where commands are shown, both streams are one.
    const onLine = lineReader(refusal.read);
    const observe = (text: string) => {
      onOutput?.(text);
      watch(text);
      onLine(text);
    };
    // Passwords and hooks read from the terminal.
    const inherited = held?.descriptors ?? [];
    const options = { deadlineSeconds, descriptor: 0, inherited, environment, onOutput: observe, onErrors };
    await (stopping === "at once"
      ? run("bash", [script], { ...options, signal })
      : finishing((told) => run("bash", [script], { ...options, ...told }), signal));
  } catch (error) {
    throw stepError(error, current, refusal.lines());
  } finally {
    workspace.remove();
  }
}

/** The same script, which shows each command before it runs. */
function tracing(script: string): string {
  return script.replace("\nset -eu\n", "\nset -eux\nexec 2>&1\n");
}

/** Keeps what a script says of its refusal, however much that is; undefined when it has refused nothing. */
function refusalReader() {
  let lines: string[] | undefined;
  return {
    lines: () => lines,
    read: (line: string) => {
      if (line === refusalMark) lines = [];
      // The commands that a script shows are none of it.
      else if (!line.startsWith("+ ")) lines?.push(line);
    },
  };
}

/** Finds the titles that a script says among whatever its commands print. */
function titleWatcher(steps: readonly Step[], onStep: (step: Step) => void): (text: string) => void {
  let index = 0;
  let seen = "";
  return (text) => {
    seen += text;
    for (let step = steps[index]; step !== undefined; step = steps[index]) {
      const line = `==> ${step.title}\n`;
      const at = seen.startsWith(line) ? 0 : seen.indexOf(`\n${line}`) + 1;
      if (at === 0 && !seen.startsWith(line)) return;
      seen = seen.slice(at + line.length - 1);
      index += 1;
      onStep(step);
    }
  };
}

/** A refusal has all of its lines; of a command that failed there are the last ones. */
function stepError(error: unknown, step: Step | undefined, refusal: readonly string[] | undefined): unknown {
  if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED" || step === undefined) return error;
  const [, ...output] = error.details;
  return new MkimageError("COMMAND_FAILED", `could not ${step.title}`, {
    details: refusal ?? [...linesOf(step), ...output.filter((line) => !line.startsWith("==> "))],
    hint: "what was made stays; the same command goes on from here",
    cause: error,
  });
}

/** The shell lines of a step, for people; a look reports its findings itself. */
function linesOf(step: Step): string[] {
  switch (step.kind) {
    case "hook":
      return step.shell.trim().split("\n");
    case "look":
      return [];
    case "commands":
      return step.commands.map(({ argv }) => quoteArguments(argv));
  }
}
