import { constants, futimesSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Clock, ownClock } from "./clock.ts";
import { type Lock, lock } from "./lock.ts";
import { makeFolder } from "./make-folder.ts";

/** Work that processes of one user do in turn: it takes all processors, and who comes next has less of it to do. */
export interface TurnedWork {
  /** Has a file for each place, which is locked and stays. */
  readonly folder: string;
  readonly name: string;
  /** How many processes may do it at once. */
  readonly places: number;
}

export interface TurnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once, where somebody has to be waited for. */
  readonly onWait?: () => void;
  readonly clock?: Clock;
}

/** How long one that holds a place is waited for, in seconds: it may have been stopped, or write to something slow. */
const longestWait = 120;
/** In seconds. To look costs some microseconds. */
const pause = 0.05;

/**
 * Takes a place, and waits for one where none is free. `undefined` where that took too long, the signal has aborted, or
 * there can be no places: then it goes without. A place is given up by its `release`, or as the process ends.
 */
export async function takeTurn(
  work: TurnedWork,
  { signal, onWait, clock = ownClock }: TurnOptions,
): Promise<Lock | undefined> {
  const wait = { began: 0, end: 0 };
  try {
    makeFolder(work.folder);
    for (let isFirst = true; ; isFirst = false) {
      const held = freePlace(work);
      if (held !== undefined || signal?.aborted === true) return held;
      const began = lastTurn(work);
      if (isFirst || began > wait.began) Object.assign(wait, { began, end: clock.now() + longestWait });
      if (clock.now() >= wait.end) return undefined;
      if (isFirst) onWait?.();
      await clock.pause(pause, signal);
    }
  } catch {
    return undefined;
  }
}

function freePlace(work: TurnedWork): Lock | undefined {
  for (const path of placesOf(work)) {
    const held = lock(path, constants.O_RDWR | constants.O_CREAT);
    if (held === undefined) continue;
    sayBegan(held);
    return held;
  }
  return undefined;
}

function sayBegan({ descriptor }: Lock): void {
  const now = Date.now() / 1000;
  try {
    futimesSync(descriptor, now, now);
  } catch {
    // It is another user's: others wait as if the turn had begun when they came.
  }
}

/** When a turn began last: who waits behind others waits for each of them as long. */
function lastTurn(work: TurnedWork): number {
  return Math.max(...placesOf(work).map((path) => statSync(path).mtimeMs));
}

function placesOf({ folder, name, places }: TurnedWork): string[] {
  return Array.from({ length: places }, (_, place) => join(folder, `turn-${name}-${place}`));
}
