import { MkimageError } from "../../base/errors.ts";
import { quoteArguments } from "../../base/quote.ts";
import { findTool } from "../../runtime/tools.ts";
import type { BuildContext } from "../context.ts";

/** Shell commands of the user's. */
export interface PostHook {
  readonly shell: string;
  /** Folders with programs that come before those of this machine. */
  readonly path: readonly string[];
}

/**
 * Runs the user's shell commands on the published image, with `$diskImage` and `$out` set as make-disk-image does. What
 * they started ends with them when we are interrupted or killed.
 *
 * @throws MkimageError HOOK_FAILED when they fail, INTERRUPTED.
 */
export async function runPostHook(
  { shell, path }: PostHook,
  out: string,
  diskImage: string,
  { signal, host }: Pick<BuildContext, "signal" | "host">,
): Promise<void> {
  if (shell.trim() === "") return;
  const hook = [findTool("sh"), "-eu", "-c", shell];
  try {
    const environment = { out, diskImage, PATH: [...path, process.env["PATH"] ?? ""].join(":") };
    const options = { environment, folder: out, deadlineSeconds: 24 * 3600, signal, ownGroup: true } as const;
    await host.run("setpriv", ["--pdeathsig", "TERM", "--", findTool("sh"), "-c", keeper, "keeper", ...hook], options);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    throw new MkimageError("HOOK_FAILED", "the post hook failed, so its output was removed again", {
      details: [quoteArguments(hook), ...error.details.slice(1)],
      hint: "the hook is given by --post-vm; it runs in the output folder with $out and $diskImage set",
      cause: error,
    });
  }
}

/** Runs a command, and ends the whole process group when told to end, which is also when mkimage dies. */
const keeper = `trap 'trap "" TERM; kill -TERM 0; sleep 0.2; kill -KILL 0' TERM; "$@" & wait $!`;
