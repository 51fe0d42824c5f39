// First of all.
import "./threads/start-early.ts";
import { setTimeout } from "node:timers/promises";
import { CommanderError } from "commander";
import { program } from "./cli.ts";
import { exitCodes, MkimageError } from "./errors.ts";
import { errorEvent } from "./events/error-event.ts";
import { emit } from "./events/event.ts";
import { printableLines } from "./inspect/printable.ts";
import { systemError } from "./process/system-error.ts";

// The only place that prints errors, sets exit codes and handles signals.

const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

// Errors come before the command line is understood, too.
const isForPrograms = process.argv.includes("--json");

/** Ctrl-C reaches the programs that we run as well, and that one has ended of it may be seen before the signal. In ms. */
const latestSignal = 50;

process.stdout.on("error", ignoreClosedPipe);
void main(process.argv).then((code) => (process.exitCode = code));

async function main(argv: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const interrupted = handleSignals(interruption);
  try {
    const root = program(interruption.signal);
    if (isForPrograms) for (const command of [root, ...root.commands]) command.configureOutput({ writeErr: () => {} });
    await root.parseAsync([...argv]);
    return interrupted() ?? 0;
  } catch (error) {
    // Of what is wrong with a command line nothing has run.
    if (!(error instanceof CommanderError)) await setTimeout(latestSignal);
    return interrupted() ?? report(error);
  }
}

/** The first signal asks everything to stop and clean up. */
function handleSignals(interruption: AbortController): () => number | undefined {
  let exitCode: number | undefined;
  for (const [signal, code] of Object.entries(signalExitCodes)) {
    process.on(signal, () => {
      if (exitCode === undefined) sayInterrupted(signal);
      exitCode ??= code;
      interruption.abort();
    });
  }
  return () => exitCode;
}

function sayInterrupted(signal: string): void {
  if (isForPrograms) emit({ event: "interrupted", signal });
  else process.stderr.write(`\nmkimage: ${signal}: stopping and cleaning up\n`);
}

/** Whoever reads our output may have seen enough: `mkimage --help | head`. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function report(error: unknown): number {
  if (error instanceof CommanderError && (error.exitCode === 0 || !isForPrograms))
    return error.exitCode === 0 ? 0 : exitCodes.USAGE;
  const known = knownError(error);
  if (known === undefined) return reportDefect(error);
  const lines = [`mkimage: ${known.message}`, ...known.details.map((line) => `  ${line}`)];
  if (known.hint !== undefined) lines.push(`hint: ${known.hint}`);
  if (isForPrograms) emit(errorEvent(known));
  else process.stderr.write(`${printableLines(lines.join("\n"))}\n`);
  return exitCodes[known.code];
}

/** Commander has told people already what is wrong with the command line. */
function knownError(error: unknown): MkimageError | undefined {
  if (error instanceof CommanderError) return new MkimageError("USAGE", error.message.replace(/^error: /, ""));
  return error instanceof MkimageError ? error : systemError(error);
}

function reportDefect(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (isForPrograms) {
    emit(errorEvent(new MkimageError("INTERNAL", "this is a defect of mkimage", { details: text.split("\n") })));
    return exitCodes.INTERNAL;
  }
  process.stderr.write(`mkimage: this is a defect of mkimage, please report it\n${printableLines(text)}\n`);
  return exitCodes.INTERNAL;
}
