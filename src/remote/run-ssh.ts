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
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each piece of standard output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Default: 64 MiB. */
  readonly maxOutput?: Bytes;
  /** How many lines of what a failed script said its error has: 0 where it says secrets. Default: 20. */
  readonly shownLines?: number;
}

/** A user's shell may print something before it runs a command. */
const begin = "mkimage: begin\n";

/** Root's programs are not in every user's path, which sudo and doas may keep. */
const prologue = `PATH=\${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin\necho ${quote(begin.trim())}\n`;

export async function runScript(
  destination: string,
  shared: readonly string[],
  command: RemoteCommand,
  options: RemoteOptions,
): Promise<string> {
  const argv = commandArguments(destination, shared, { ...command, script: `${prologue}${command.script}` });
  const output = await runSsh(destination, argv, { ...options, onOutput: behindBegin(options.onOutput) });
  const at = output.indexOf(begin);
  if (at >= 0) return output.slice(at + begin.length);
  throw new MkimageError("REMOTE_FAILED", `the shell of ${destination} runs no command`, {
    details: output.split("\n").slice(-5),
    hint: "the user's shell there must run what ssh gives it",
  });
}

/** Passes on what follows the beginning. Of what comes before, no more is kept than can be a part of its mark. */
function behindBegin(onOutput: (text: string) => void = () => {}): (text: string) => void {
  let [heard, isBegun] = ["", false];
  return (text) => {
    if (isBegun) return onOutput(text);
    heard += text;
    const at = heard.indexOf(begin);
    isBegun = at >= 0;
    if (isBegun) onOutput(heard.slice(at + begin.length));
    else heard = heard.slice(1 - begin.length);
  };
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
