import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { run } from "../runtime/run.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import type { RemoteHost } from "./address.ts";
import { type RemoteOptions, runScript, runSsh } from "./run-ssh.ts";
import { findRootScript } from "./scripts/find-root.ts";
import { sshArguments, type SshWishes } from "./ssh-arguments.ts";

/** Another machine, reached by one connection that stays open. It can be closed more than once. */
export interface Connection extends AsyncDisposable {
  readonly destination: string;
  /**
   * Runs a script of POSIX's shell as root, and returns what it prints.
   *
   * @throws MkimageError REMOTE_FAILED with its last lines; COMMAND_TIMED_OUT, INTERRUPTED.
   */
  run(script: string, arguments_: readonly string[], options?: RemoteOptions): Promise<string>;
}

/**
 * Connects with the user's own ssh: its configuration, agent and known hosts hold. A key or password is asked for by ssh
 * itself, once.
 *
 * @throws MkimageError REMOTE_FAILED when the machine does not answer, is not the known one, lets nobody in, or has no way to
 *   root; MISSING_TOOL.
 */
export async function connect(target: RemoteHost, wishes: SshWishes): Promise<Connection> {
  // The path of a socket is short.
  const workspace = await openTemporaryWorkspace();
  const shared = sshArguments(target, wishes, join(workspace.folder, "s"));
  const environment = wishes.environment === undefined ? {} : { environment: wishes.environment };
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await run("ssh", [...shared, "-O", "exit", target.destination]).catch(() => undefined);
    workspace.remove();
  };
  try {
    await runSsh(target.destination, [...shared, ...masterArguments, target.destination], {
      signal: wishes.signal,
      deadlineSeconds: 300,
      ...environment,
    });
    const elevate = await wayToRoot(target.destination, shared, wishes.signal);
    return {
      destination: target.destination,
      run: (script, arguments_, options = {}) =>
        runScript(target.destination, shared, { elevate, script, arguments_ }, { ...environment, ...options }),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Goes into the background when it is let in, and ends by itself when nobody has used it for ten minutes. */
const masterArguments = ["-M", "-N", "-f", "-o", "ControlPersist=600"];

async function wayToRoot(
  destination: string,
  shared: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const command = { elevate: [], script: findRootScript, arguments_: [] };
  const way = (await runScript(destination, shared, command, { signal, deadlineSeconds: 60 })).trim();
  if (way === "root") return [];
  if (way === "sudo" || way === "doas") return [way, "-n"];
  throw new MkimageError("REMOTE_FAILED", `${destination} is not root there, and neither sudo -n nor doas -n works`, {
    hint: "connect as root, or let this user run sudo without a password",
  });
}
