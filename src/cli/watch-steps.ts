import type { Dialogue } from "../machine/confirm.ts";
import { printableJson } from "../inspect/printable.ts";
import { lineReader } from "../runtime/line-reader.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { witnessed } from "../runtime/witness.ts";
import { type AppearanceFlags, reporterWithoutBars } from "./appearance.ts";
import { dialogueOf, print } from "./dialogue.ts";

/** How a command that runs steps on this machine shows them. */
export interface StepWatch {
  readonly dialogue: Dialogue;
  /** Called with notes on what was read, and on what the steps have found. */
  readonly onNote: (text: string) => void;
  /** Tells of work that comes before the steps and may take long. */
  readonly task: Reporter["task"];
  /** Called with the title of each step when it begins. */
  readonly onStep: (title: string) => void;
  /** Called with each command and what it prints, where that is wanted. */
  readonly onOutput?: (text: string) => void;
  /** Says what was done: for programs as JSON. */
  readonly result: (line: string, facts: object) => void;
  /** Prints the text that was asked for, however quiet the command is to be: for programs as JSON. */
  readonly product: (text: string, facts: object) => void;
}

/** The appearance of a command that runs steps: `--debug` is disko's name for `--verbose`. */
export interface WatchFlags extends AppearanceFlags {
  readonly debug?: boolean;
}

/**
 * Does the work of a command that runs steps. Titles are its output, as disko's users know them; for programs each step is
 * a task among the events.
 */
export async function watchingSteps(
  flags: WatchFlags,
  signal: AbortSignal,
  work: (watch: StepWatch) => Promise<void>,
): Promise<void> {
  const reporter = reporterWithoutBars(flags);
  const steps = new StepTasks(reporter);
  const quiet = flags.quiet === true;
  const json = flags.json === true;
  const isVerbose = (flags.debug ?? flags.verbose) === true;
  const watch: StepWatch = {
    dialogue: dialogueOf(flags, reporter, signal),
    onNote: (text) => reporter.note(text),
    task: (title, before) => reporter.task(title, before),
    onStep: (title) => {
      if (json) steps.begin(title);
      else if (!quiet) print(title);
    },
    result: (line, facts) => {
      if (json) print(printableJson({ version: 1, ...facts }));
      else if (!quiet && line !== "") print(line);
    },
    product: (text, facts) => print(json ? printableJson({ version: 1, ...facts }) : text),
    ...(isVerbose && { onOutput: json ? lineReader((line) => reporter.output(line)) : showOutput }),
  };
  try {
    // Output of steps is shown as it comes, so that a witness has none of it.
    await (isVerbose ? witnessed({ ...reporter, output: () => {} }, () => work(watch)) : work(watch));
    await steps.end("done");
  } catch (error) {
    await steps.end("failed");
    throw error;
  }
}

function showOutput(text: string): void {
  process.stderr.write(text);
}

/** Tells each step as a task that ends before the next one begins. */
class StepTasks {
  readonly #reporter: Reporter;
  #told: Promise<void> = Promise.resolve();
  #end: (outcome: "done" | "failed") => void = () => {};

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  begin(title: string): void {
    this.#end("done");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#end = (outcome) => (outcome === "done" ? resolve() : reject(new Error(title)));
    // The error itself is told by the command.
    this.#told = this.#told.then(() => this.#reporter.task(title, () => promise)).catch(() => {});
  }

  /** Ends the last step, and is over when all is told. */
  end(outcome: "done" | "failed"): Promise<void> {
    this.#end(outcome);
    return this.#told;
  }
}
