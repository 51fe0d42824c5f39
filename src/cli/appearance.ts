import { type Command, Option } from "commander";
import { type Reporter, silentTask } from "../runtime/reporter.ts";
import { type Witness, witnessed } from "../runtime/witness.ts";
import { eventReporter } from "./event-reporter.ts";
import { lineReporter } from "./line-reporter.ts";

/** How a command shows what it does, on standard error. */
export interface AppearanceFlags {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** Adds the options that say how much a command shows, and in which form. */
export function addAppearanceOptions(command: Command): Command {
  return command
    .option("--quiet", "show errors only")
    .addOption(new Option("--verbose", "show each external command, and what guests print").conflicts("quiet"))
    .option("--json", "for programs: the result as JSON, and on standard error what happens, one event a line");
}

/**
 * Does the work of a command with the reporter that its options ask for.
 *
 * @param prefix the name of one of several works that are done side by side.
 */
export async function reporting<Result>(
  flags: AppearanceFlags,
  work: (reporter: Reporter) => Promise<Result>,
  prefix?: string,
): Promise<Result> {
  const reporter = await reporterFor(flags, prefix);
  return flags.verbose === true && "command" in reporter
    ? await witnessed(reporter, () => work(reporter))
    : await work(reporter);
}

/** The reporter of a command whose own output goes to a terminal, where bars would tear it. */
export function reporterWithoutBars(
  { quiet = false, json = false, verbose = false }: AppearanceFlags,
  prefix?: string,
): Reporter & Witness {
  if (quiet) return { ...withoutTasks({ note: () => {} }), command: () => {}, output: () => {} };
  return json ? eventReporter(prefix) : lineReporter({ prefix, verbose });
}

async function reporterFor(
  flags: AppearanceFlags,
  prefix: string | undefined,
): Promise<Reporter | (Reporter & Witness)> {
  const { quiet = false, verbose = false, json = false } = flags;
  // Output besides the tasks would tear their bars.
  const isAnimated = !quiet && !json && !verbose && prefix === undefined && canMove(process.stderr);
  if (!isAnimated) return reporterWithoutBars(flags, prefix);
  // What moves bars is a tenth of all modules, and loaded where there are some.
  const { terminalReporter } = await import("./terminal-reporter.ts");
  return terminalReporter;
}

/** A build of Nix's writes its log to a terminal of no width, on which a bar is one letter a line. */
function canMove({ isTTY, columns }: { readonly isTTY: boolean; readonly columns: number }): boolean {
  return isTTY && columns > 0;
}

/** A reporter that passes notes on, and of tasks nothing but what is worth a line: what Nix has built. */
export function withoutTasks({ note }: Pick<Reporter, "note">): Reporter {
  return { note, task: (_title, work) => work({ ...silentTask, step: note }) };
}
