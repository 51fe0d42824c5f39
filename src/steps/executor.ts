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
