import { MkimageError } from "../errors.ts";
import { run } from "../process/run.ts";

/**
 * Runs the user's shell commands on the published image, with `$diskImage` and `$out` set as make-disk-image does.
 *
 * @throws MkimageError HOOK_FAILED when they fail.
 */
export async function runPostHook(shell: string, out: string, diskImage: string, signal?: AbortSignal): Promise<void> {
  if (shell.trim() === "") return;
  try {
    const environment = { out, diskImage };
    await run("sh", ["-eu", "-c", shell], { environment, folder: out, deadlineSeconds: 24 * 3600, signal });
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    throw new MkimageError("HOOK_FAILED", "the post hook failed, so its output was removed again", {
      details: error.details,
      hint: "the hook is given by --post-vm; it runs in the output folder with $out and $diskImage set",
      cause: error,
    });
  }
}
