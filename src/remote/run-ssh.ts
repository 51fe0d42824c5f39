import type { Readable } from "node:stream";
import { MkimageError } from "../base/errors.ts";
import { quote, quoteArguments } from "../base/quote.ts";
import { type Bytes, MiB } from "../base/units.ts";
import { run } from "../runtime/run.ts";
import { commandArguments, type RemoteCommand } from "./ssh-arguments.ts";

/** How a script runs on the other machine. */
export interface RemoteOptions {
  readonly input?: string | Readable;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineSeconds?: number;
  /** Called with each piece of standard output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Default: 64 MiB. */
  readonly maxOutput?: Bytes;
}

/** A user's shell may print something before it runs a command. */
const begin = "mkimage: begin\n";

export async function runScript(
  destination: string,
  shared: readonly string[],
  command: RemoteCommand,
  options: RemoteOptions,
): Promise<string> {
  const script = `echo ${quote(begin.trim())}\n${command.script}`;
  let [heard, isBegun] = ["", false];
  const onOutput = (text: string): void => {
    if (isBegun) return options.onOutput?.(text);
    heard += text;
    const at = heard.indexOf(begin);
    if (at < 0) return;
    isBegun = true;
    options.onOutput?.(heard.slice(at + begin.length));
  };
  const argv = commandArguments(destination, shared, { ...command, script });
  const output = await runSsh(destination, argv, { ...options, onOutput });
  const at = output.indexOf(begin);
  if (at >= 0) return output.slice(at + begin.length);
  throw new MkimageError("REMOTE_FAILED", `the shell of ${destination} runs no command`, {
    details: output.split("\n").slice(-5),
    hint: "the user's shell there must run what ssh gives it",
  });
}

/** Runs ssh. Its own failures have the exit code 255; all others are the command's. */
export async function runSsh(
  destination: string,
  arguments_: readonly string[],
  options: RemoteOptions,
): Promise<string> {
  try {
    return (await run("ssh", arguments_, { maxOutput: 64 * MiB, ...options })).stdout;
  } catch (error) {
    // A disk that is full is one of the other machine's.
    if (!(error instanceof MkimageError) || (error.code !== "COMMAND_FAILED" && error.code !== "NO_SPACE")) throw error;
    const [, ...lines] = error.details;
    const own = error.message.endsWith("exit code 255");
    throw new MkimageError(
      "REMOTE_FAILED",
      own
        ? `the connection to ${destination} failed`
        : `a command on ${destination} failed: ${lines.at(-1) ?? error.message}`,
      {
        details: lines,
        ...(own ? { hint: `try it by hand: ${quoteArguments(["ssh", destination])}` } : {}),
        cause: error,
      },
    );
  }
}
