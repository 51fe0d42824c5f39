import type { LogLine } from "./line.ts";

/** The kinds of activities that are counted, by Nix's numbers for them. */
export const activityTypes = { copyPath: 100, copyPaths: 103, builds: 104, build: 105 } as const;

/** The kinds of results. */
export const resultTypes = {
  buildLogLine: 101,
  phase: 104,
  progress: 105,
  expected: 106,
  postBuildLogLine: 107,
} as const;

/** How much of something is done, as far as Nix knows it. */
export interface Count {
  readonly done: number;
  readonly expected: number;
  readonly failed: number;
}

interface Activity extends Count {
  readonly type: number;
  /** Its announcements of activities of other kinds. */
  readonly announced: Map<number, number>;
}

/** So many activities at once are counted; Nix has some dozens. */
const mostActivities = 10_000;

/** The counts of all activities, as Nix's own progress bar adds them up. */
export class Counts {
  readonly #running = new Map<string, Activity>();
  readonly #ended = new Map<number, Count>();

  take(line: LogLine): void {
    if (line.kind === "start" && this.#running.size < mostActivities)
      this.#running.set(line.id, { ...nothing, type: line.type, announced: new Map() });
    if (line.kind === "result") this.#result(line.id, line.type, line.fields.map(Number));
    if (line.kind === "stop") this.#stop(line.id);
  }

  /** The count of a kind of activities: those that run, those that ended, and those that are announced. */
  of(type: number): Count {
    const running = [...this.#running.values()];
    const own = running.filter((activity) => activity.type === type);
    const { done, expected, failed } = [this.#endedOf(type), ...own].reduce(sum);
    const announced = running.reduce((total, activity) => total + (activity.announced.get(type) ?? 0), 0);
    return { done, expected: Math.max(expected, announced, done), failed };
  }

  #result(id: string, type: number, [first = 0, second = 0, , fourth = 0]: readonly number[]): void {
    const activity = this.#running.get(id);
    if (activity === undefined) return;
    if (type === resultTypes.progress)
      this.#running.set(id, { ...activity, done: whole(first), expected: whole(second), failed: whole(fourth) });
    if (type === resultTypes.expected) activity.announced.set(first, whole(second));
  }

  #stop(id: string): void {
    const activity = this.#running.get(id);
    if (activity === undefined) return;
    this.#running.delete(id);
    const { type, done, failed } = activity;
    this.#ended.set(type, sum(this.#endedOf(type), { done, expected: done, failed }));
  }

  #endedOf(type: number): Count {
    return this.#ended.get(type) ?? nothing;
  }
}

const nothing: Count = { done: 0, expected: 0, failed: 0 };

function sum(one: Count, other: Count): Count {
  return { done: one.done + other.done, expected: one.expected + other.expected, failed: one.failed + other.failed };
}

function whole(value: number): number {
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
