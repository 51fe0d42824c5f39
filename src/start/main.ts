// First of all.
import "./start-early.ts";
import { setTimeout } from "node:timers/promises";
import { CommanderError } from "commander";
import { program } from "../cli/program.ts";
import { exitCodes, MkimageError } from "../base/errors.ts";
import { errorEvent } from "../cli/events/error-event.ts";
import { emit } from "../cli/events/event.ts";
import { printableItem } from "../inspect/printable.ts";
import { insist } from "../runtime/insistence.ts";
import { systemError } from "../runtime/system-error.ts";
import { removeOpenWorkspaces } from "../runtime/workspace.ts";
import { guardOutputs } from "./outputs.ts";

// The only place that prints errors, sets exit codes and handles signals.

const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

// Errors come before the command line is understood, too.
const isForPrograms = process.argv.includes("--json");

/** How commander tells people what is wrong with a command line. */
const silent = { writeErr: () => {} };
const printed = {
  outputError: (text: string, write: (text: string) => void) => write(`${printableItem(text)}\n`),
};

/** Ctrl-C reaches the programs that we run as well, and that one has ended of it may be seen before the signal. In ms. */
const latestSignal = 50;

/** How long what was begun may take to be cleaned up after a defect. In ms. */
const latestEnd = 10_000;

guardOutputs((error) => (process.exitCode = report(error)));
void main(process.argv).then(end);

async function main(argv: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const interrupted = handleSignals(interruption);
  const escaped = handleDefects(interruption);
  try {
    const root = program(interruption.signal);
    for (const command of [root, ...root.commands]) command.configureOutput(isForPrograms ? silent : printed);
    await root.parseAsync([...argv]);
    return escaped() ?? interrupted() ?? 0;
  } catch (error) {
    // Of what is wrong with a command line nothing has run.
    if (!(error instanceof CommanderError)) await setTimeout(latestSignal);
    return escaped() ?? interrupted() ?? report(error);
  }
}

/** Sets the exit code; after success it keeps a code set before, as for output that failed and was reported. */
function end(code: number): void {
  process.exitCode = code === 0 ? (process.exitCode ?? 0) : code;
}

/** Lets an uncaught error stop everything, as a signal does; it is reported when all is cleaned up. */
function handleDefects(interruption: AbortController): () => number | undefined {
  let seen: { readonly error: unknown } | undefined;
  const told = (): number | undefined => (seen === undefined ? undefined : report(seen.error));
  const giveUp = (): never => process.exit(told());
  process.removeAllListeners("uncaughtException").on("uncaughtException", (error) => {
    if (seen !== undefined) return;
    seen = { error };
    interruption.abort();
    globalThis.setTimeout(giveUp, latestEnd).unref();
  });
  // Whatever ends us: what is half-made is hidden, and goes.
  process.once("exit", removeOpenWorkspaces);
  return told;
}

/** The first signal asks everything to stop and clean up; another one, not to finish what is not to be ended in the middle. */
function handleSignals(interruption: AbortController): () => number | undefined {
  let exitCode: number | undefined;
  let asked = 0;
  for (const [signal, code] of Object.entries(signalExitCodes)) {
    process.on(signal, () => {
      if (exitCode === undefined) sayInterrupted(signal);
      exitCode ??= code;
      interruption.abort();
      // Whoever logs out is told so by several signals at once, of which most are SIGHUP.
      if (signal !== "SIGHUP" && (asked += 1) > 1) insist();
    });
  }
  return () => exitCode;
}

function sayInterrupted(signal: string): void {
  if (isForPrograms) emit({ event: "interrupted", signal });
  else process.stderr.write(`\nmkimage: ${signal}: stopping and cleaning up\n`);
}

function report(error: unknown): number {
  if (error instanceof CommanderError && (error.exitCode === 0 || !isForPrograms))
    return error.exitCode === 0 ? 0 : exitCodes.USAGE;
  const known = knownError(error);
  if (known === undefined) return reportDefect(error);
  const lines = [`mkimage: ${known.message}`, ...known.details.map((line) => `  ${line}`)];
  if (known.hint !== undefined) lines.push(`hint: ${known.hint}`);
  if (isForPrograms) emit(errorEvent(known));
  else process.stderr.write(`${lines.map(printableItem).join("\n")}\n`);
  return exitCodes[known.code];
}

/** Commander has told people already what is wrong with the command line. */
function knownError(error: unknown): MkimageError | undefined {
  if (error instanceof CommanderError) return new MkimageError("USAGE", error.message.replace(/^error: /, ""));
  return error instanceof MkimageError ? error : systemError(error);
}

/** Where it happened is for those who look for it. */
function reportDefect(error: unknown): number {
  const text = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && process.argv.includes("--verbose") ? (error.stack ?? "").split("\n") : [];
  return report(
    new MkimageError("INTERNAL", `this is a defect of mkimage, please report it: ${text}`, {
      details: stack,
      ...(stack.length === 0 && { hint: "with --verbose it says where that happened" }),
    }),
  );
}
