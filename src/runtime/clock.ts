import { setTimeout as sleep } from "node:timers/promises";

/** Time for those who wait. Tests put another in its place. */
export interface Clock {
  /** Seconds since any moment; it never goes back. */
  now(): number;
  /** Ends early when the signal aborts. */
  pause(seconds: number, signal?: AbortSignal): Promise<void>;
}

export const ownClock: Clock = {
  now: () => performance.now() / 1000,
  pause: async (seconds, signal) => {
    await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
  },
};
