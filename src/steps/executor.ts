import type { Step } from "./step.ts";

/** The place where steps run: this machine, a guest, another machine. */
export interface Executor {
  /**
   * Runs steps one after the other, up to the first that fails.
   *
   * @throws MkimageError COMMAND_FAILED with the title of the step, its commands and their last lines; INTERRUPTED.
   */
  run(steps: readonly Step[]): Promise<void>;
}

/** Where whoever is asked to stop does so: what is ended in the middle of a step may be damaged, unless it was to be made anew anyway. */
export type Stopping = "at once" | "between steps";
