import { quoteArguments } from "../base/quote.ts";
import type { RemoteHost } from "./address.ts";

/** How the user's ssh is called. */
export interface SshWishes {
  /** Each as after ssh's `-o`. */
  readonly options: readonly string[];
  readonly identity?: string | undefined;
  /** Variables that ssh needs: by which program it asks for a password. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One connection for all commands; one that no longer answers is given up after a minute, in place of never. */
export function sshArguments(
  { port }: Pick<RemoteHost, "port">,
  { options, identity }: SshWishes,
  socket: string,
): string[] {
  const ours = ["ServerAliveInterval=15", "ServerAliveCountMax=4", "ConnectTimeout=30"];
  return [
    "-T",
    ...[`ControlPath=${socket}`, ...options, ...ours].flatMap((option) => ["-o", option]),
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

/**
 * The user's shell there may be any: it is given one command, in whose quoted words there is nothing that a shell reads in a
 * way of its own, such as a line break for C shells, or a backslash for fish. The script goes as one of them, with its arguments.
 */
export function commandArguments(
  destination: string,
  shared: readonly string[],
  { elevate, script, arguments_ }: RemoteCommand,
): string[] {
  const whole = `set -- ${quoteArguments(arguments_)}\n${script}`;
  return [
    ...shared,
    destination,
    `exec ${quoteArguments([...elevate, "sh", "-c", runUnescaped, "sh", escaped(whole)])}`,
  ];
}

const runUnescaped = 'eval "$(printf %b "$1")"';

/** A text as printf's %b reads it: what shells disagree about are its bytes in octal. */
function escaped(text: string): string {
  const bytes = Buffer.from(text).toString("latin1");
  return bytes.replaceAll(/[^ -~]|[\\'!]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
