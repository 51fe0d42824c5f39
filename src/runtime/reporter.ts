import type { Bytes } from "../base/units.ts";

/** The reports of a running task. */
export interface TaskReporter {
  /** How far the task is, in bytes or any other unit that does not change while it runs. */
  progress(done: Bytes, total: Bytes): void;
  /** Reports its current activity. */
  detail(text: string): void;
}

/** Where a command tells its user what happens. Only the command layer knows how it looks. */
export interface Reporter {
  task<Result>(title: string, work: (task: TaskReporter) => Promise<Result>): Promise<Result>;
  /** Something the user should know, which is no error. */
  note(text: string): void;
}
