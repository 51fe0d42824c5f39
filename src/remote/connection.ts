import { join } from "node:path";
import type { Readable } from "node:stream";
import { MkimageError } from "../base/errors.ts";
import { quote, quoteArguments } from "../base/quote.ts";
import { type Bytes, MiB } from "../base/units.ts";
import { run } from "../runtime/run.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { RemoteDisk } from "./address.ts";

/** How a script runs on the other machine. */
interface RemoteOptions {
  readonly input?: string | Readable;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineSeconds?: number;
  /** Called with each piece of standard output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Default: 64 MiB. */
  readonly maxOutput?: Bytes;
}

/** Another machine, reached by one connection that stays open. */
export interface Connection extends AsyncDisposable {
  readonly destination: string;
  /**
   * Runs a script of POSIX's shell as root, and returns what it prints.
   *
   * @throws MkimageError REMOTE_FAILED with its last lines; COMMAND_TIMED_OUT, INTERRUPTED.
   */
  run(script: string, arguments_: readonly string[], options?: RemoteOptions): Promise<string>;
}

/** How the user's ssh is called. */
interface SshWishes {
  /** Each as after ssh's `-o`. */
  readonly options: readonly string[];
  readonly identity?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects with the user's own ssh: its configuration, agent and known hosts hold. A key or password is asked for by ssh
 * itself, once.
 *
 * @throws MkimageError REMOTE_FAILED when the machine does not answer, is not the known one, lets nobody in, or has no way to
 *   root; MISSING_TOOL.
 */
export async function connect(
  target: Pick<RemoteDisk, "destination" | "port">,
  wishes: SshWishes,
): Promise<Connection> {
  // The path of a socket is short.
  const workspace = await openTemporaryWorkspace();
  const shared = sshArguments(target, wishes, join(workspace.folder, "s"));
  const close = async (): Promise<void> => {
    await run("ssh", [...shared, "-O", "exit", target.destination]).catch(() => undefined);
    workspace.remove();
  };
  try {
    await call(target.destination, [...shared, ...masterArguments, target.destination], {
      signal: wishes.signal,
      deadlineSeconds: 300,
    });
    const elevate = await wayToRoot(target.destination, shared, wishes.signal);
    return {
      destination: target.destination,
      run: (script, arguments_, options = {}) =>
        runScript(target.destination, shared, { elevate, script, arguments_ }, options),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One connection for all commands; one that no longer answers is given up after a minute, in place of never. */
export function sshArguments(
  { port }: Pick<RemoteDisk, "port">,
  { options, identity }: SshWishes,
  socket: string,
): string[] {
  const ours = [`ControlPath=${socket}`, "ServerAliveInterval=15", "ServerAliveCountMax=4", "ConnectTimeout=30"];
  return [
    "-T",
    ...[...options, ...ours].flatMap((option) => ["-o", option]),
    ...(identity === undefined ? [] : ["-i", identity]),
    ...(port === undefined ? [] : ["-p", String(port)]),
  ];
}

/** Goes into the background when it is let in, and ends by itself when nobody has used it for half a minute. */
const masterArguments = ["-M", "-N", "-f", "-o", "ControlPersist=30"];

interface RemoteCommand {
  /** Prefix that makes a command run as root: `sudo -n` or nothing. */
  readonly elevate: readonly string[];
  readonly script: string;
  readonly arguments_: readonly string[];
}

/** The user's shell there may be any: it is given one command whose words are quoted. */
export function commandArguments(
  destination: string,
  shared: readonly string[],
  { elevate, script, arguments_ }: RemoteCommand,
): string[] {
  const words = [...elevate, "sh", "-c", script, "sh", ...arguments_];
  return [...shared, destination, `exec ${words.map(quote).join(" ")}`];
}

/** Source: sudo(8), doas(1): with `-n` neither asks for a password. */
export const findRoot = `[ "$(id -u)" = 0 ] && exec echo root
for way in sudo doas; do
  if command -v "$way" >/dev/null && "$way" -n true 2>/dev/null; then exec echo "$way"; fi
done
echo none
`;

async function wayToRoot(
  destination: string,
  shared: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const command = { elevate: [], script: findRoot, arguments_: [] };
  const way = (await runScript(destination, shared, command, { signal, deadlineSeconds: 60 })).trim();
  if (way === "root") return [];
  if (way === "sudo" || way === "doas") return [way, "-n"];
  throw new MkimageError("REMOTE_FAILED", `${destination} is not root there, and neither sudo -n nor doas -n works`, {
    hint: "connect as root, or let this user run sudo without a password",
  });
}

/** A user's shell may print something before it runs a command. */
const begin = "mkimage: begin\n";

async function runScript(
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
  const output = await call(destination, argv, { ...options, onOutput });
  const at = output.indexOf(begin);
  if (at >= 0) return output.slice(at + begin.length);
  throw new MkimageError("REMOTE_FAILED", `the shell of ${destination} runs no command`, {
    details: output.split("\n").slice(-5),
    hint: "the user's shell there must run what ssh gives it",
  });
}

/** Runs ssh. Its own failures have the exit code 255; all others are the command's. */
async function call(destination: string, arguments_: readonly string[], options: RemoteOptions): Promise<string> {
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
