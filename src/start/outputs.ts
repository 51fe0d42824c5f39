import { MkimageError } from "../base/errors.ts";
import { systemError } from "../runtime/system-error.ts";

/**
 * Goes on when nobody reads the output. Progress goes to standard error, and whether somebody reads it changes
 * nothing. Whoever reads standard output may have seen enough, as in `mkimage --help | head`; a file that does not take it
 * is another matter.
 *
 * @param onLost is called when a file cannot take what is written to standard output; once.
 */
export function guardOutputs(onLost: (error: MkimageError) => void): void {
  process.stderr.on("error", () => {});
  let isLost = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (isLost || process.stdout.isTTY || unread.has(error.code ?? "")) return;
    isLost = true;
    onLost(systemError(Object.assign(error, { path: "standard output" })) ?? lost(error));
  });
}

const unread = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

function lost(error: Error): MkimageError {
  return new MkimageError("FILE_FAILED", `cannot write to standard output: ${error.message}`, { cause: error });
}
