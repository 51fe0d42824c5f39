import { constants } from "node:fs";
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

/** How long a process waits, in seconds: one that has been stopped holds its place. */
const longestWait = 600;
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
  const end = clock.now() + longestWait;
  try {
    makeFolder(work.folder);
    for (let isFirst = true; ; isFirst = false) {
      const held = freePlace(work);
      if (held !== undefined || signal?.aborted === true || clock.now() >= end) return held;
      if (isFirst) onWait?.();
      await clock.pause(pause, signal);
    }
  } catch {
    return undefined;
  }
}

function freePlace({ folder, name, places }: TurnedWork): Lock | undefined {
  for (let place = 0; place < places; place += 1) {
    const held = lock(join(folder, `turn-${name}-${place}`), constants.O_RDWR | constants.O_CREAT);
    if (held !== undefined) return held;
  }
  return undefined;
}
