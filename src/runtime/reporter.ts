import type { Bytes } from "../base/units.ts";

/** The reports of a running task. */
export interface TaskReporter {
  /** How far the task is, in bytes or any other unit that does not change while it runs. */
  progress(done: Bytes, total: Bytes): void;
  /** How many of some things are done; `total` may change meanwhile. */
  counted(done: number, total: number): void;
  /** Reports its current activity. */
  detail(text: string): void;
  /** Reports a part of it that is over, and worth a line where nothing moves. */
  step(text: string): void;
}

/** A task that nobody hears of. */
export const silentTask: TaskReporter = { progress: () => {}, counted: () => {}, detail: () => {}, step: () => {} };

/** Where a command tells its user what happens. Only the command layer knows how it looks. */
export interface Reporter {
  task<Result>(title: string, work: (task: TaskReporter) => Promise<Result>): Promise<Result>;
  /** Something the user should know, which is no error. */
  note(text: string): void;
}
