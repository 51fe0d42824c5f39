/**
 * Something that a thread can be asked to do, by its name. What it is given and gives back is copied, so it is plain data.
 * Whoever does the work declares its job beside it; `start/thread-main.ts` lists them all.
 */
export interface ThreadJob<Input, Result> {
  readonly name: string;
  run(input: Input): Result | Promise<Result>;
}

/** A job of whatever it takes. */
export type AnyJob = ThreadJob<never, unknown>;
