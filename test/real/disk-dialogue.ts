import type { Dialogue } from "../../src/machine/confirm.ts";
import { type Reporter, silentTask } from "../../src/runtime/reporter.ts";

/** No terminal, and nobody who reads. */
export const silentDialogue: Dialogue = { say: () => undefined };

/** A reporter that tells a test about every step of every stage. */
export function watchingReporter(onProgress: (stage: string, done: number, total: number) => void): Reporter {
  return {
    note: () => undefined,
    task: async (title, work) => {
      onProgress(title, 0, 0);
      return work({ ...silentTask, progress: (done, total) => onProgress(title, done, total) });
    },
  };
}

export const silentReporter: Reporter = watchingReporter(() => undefined);
