import { MkimageError } from "../base/errors.ts";
import { heedingInsistence } from "../runtime/insistence.ts";
import type { RunOptions } from "../runtime/run.ts";

/**
 * Runs a script that ends itself between two of its steps when it is told to, or at once when somebody insists on that.
 *
 * @throws MkimageError INTERRUPTED where it has done so.
 */
export async function finishing(
  start: (told: Pick<RunOptions, "signal" | "onSignal">) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const isInterrupted = (): boolean => signal.aborted;
  if (isInterrupted()) throw interrupted();
  let endAtOnce = (): void => {};
  const onSignal: RunOptions["onSignal"] = (send) => {
    endAtOnce = () => send("SIGUSR2");
    send("SIGUSR1");
  };
  try {
    await heedingInsistence(
      () => endAtOnce(),
      () => start({ signal, onSignal }),
    );
  } catch (error) {
    throw isInterrupted() ? interrupted(error) : error;
  }
}

function interrupted(cause?: unknown): MkimageError {
  return new MkimageError("INTERRUPTED", "interrupted between two steps", {
    hint: "what was done stays; the same command goes on from here",
    cause,
  });
}
