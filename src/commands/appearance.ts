import type { Command } from "commander";
import { makeReporter } from "./reporters.ts";
import type { Reporter } from "../process/reporter.ts";

/** Adds the options that say how much a command shows, and in which form. */
export function addAppearanceOptions(command: Command): Command {
  return command
    .option("--quiet", "show errors only")
    .option("--events", "show what happens as JSON, one event a line, on standard error");
}

/** The reporter that those options ask for. */
export function reporterOf(options: Readonly<Record<string, unknown>>, prefix?: string): Reporter {
  return makeReporter({
    quiet: options["quiet"] === true,
    events: options["events"] === true,
    ...(prefix === undefined ? {} : { prefix }),
  });
}
