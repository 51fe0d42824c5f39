import { availableParallelism } from "node:os";
import { CommanderError } from "commander";
import { program } from "./cli.ts";
import { exitCodes, MkimageError } from "./errors.ts";
import { systemError } from "./process/system-error.ts";

// The only place that prints errors, sets exit codes and handles signals.

const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

// Compression runs on these threads; Node reads this when it starts the first of them.
process.env["UV_THREADPOOL_SIZE"] ??= String(Math.max(4, availableParallelism() + 2));
process.stdout.on("error", ignoreClosedPipe);
process.exitCode = await main(process.argv);

async function main(argv: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const interrupted = handleSignals(interruption);
  try {
    await program(interruption.signal).parseAsync([...argv]);
    return interrupted() ?? 0;
  } catch (error) {
    return interrupted() ?? report(error);
  }
}

/** The first signal asks everything to stop and clean up. */
function handleSignals(interruption: AbortController): () => number | undefined {
  let exitCode: number | undefined;
  for (const [signal, code] of Object.entries(signalExitCodes)) {
    process.on(signal, () => {
      if (exitCode === undefined) process.stderr.write(`\nmkimage: ${signal}: stopping and cleaning up\n`);
      exitCode ??= code;
      interruption.abort();
    });
  }
  return () => exitCode;
}

/** Whoever reads our output may have seen enough: `mkimage --help | head`. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.USAGE;
  const known = error instanceof MkimageError ? error : systemError(error);
  if (known === undefined) return reportDefect(error);
  const lines = [`mkimage: ${known.message}`, ...known.details.map((line) => `  ${line}`)];
  if (known.hint !== undefined) lines.push(`hint: ${known.hint}`);
  process.stderr.write(`${lines.join("\n")}\n`);
  return exitCodes[known.code];
}

function reportDefect(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`mkimage: this is a defect of mkimage, please report it\n${text}\n`);
  return exitCodes.INTERNAL;
}
