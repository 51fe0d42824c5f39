import { quote } from "../base/quote.ts";
import type { RemoteDisk } from "./address.ts";

/** How the user's ssh is called. */
export interface SshWishes {
  /** Each as after ssh's `-o`. */
  readonly options: readonly string[];
  readonly identity?: string | undefined;
  readonly signal?: AbortSignal | undefined;
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

export interface RemoteCommand {
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
