import { availableParallelism } from "node:os";
import { Thread } from "./thread.ts";

/** Beside the main thread, of those that read a tree and copy it into a file. More would only wait for each other at its lock in the kernel. */
export const copyingThreads = Math.min(Math.max(availableParallelism(), 2), 4) - 1;
/** Beside the main thread, of those that compress. Each has some 10 MiB of its own, and takes 3 ms to begin. */
export const compressingThreads = Math.min(Math.max(availableParallelism(), 2), 16) - 1;

/** How many builds it takes for all processors to compress. */
export const compressingBuilds = Math.max(1, Math.floor(availableParallelism() / (compressingThreads + 1)));

let threads: Thread[] = [];

/** Starts threads until there are `count` of them. They need a moment, in which others plan. */
export function startThreads(count: number): void {
  threads = threads.filter(({ ended }) => !ended);
  while (threads.length < count) threads.push(new Thread());
}

/** Those that are there already. */
export function startedThreads(): readonly Thread[] {
  return threads.filter(({ ended }) => !ended);
}

/**
 * The thread that has the least to do, if it has less than `most` jobs. One is done while others wait, for as long as the
 * main thread is busy with something of its own.
 */
export function freeThread(most: number): Thread | undefined {
  const least = startedThreads().reduce<Thread | undefined>(lessBusy, undefined);
  return least !== undefined && least.jobs < most ? least : undefined;
}

function lessBusy(one: Thread | undefined, other: Thread): Thread {
  return one === undefined || other.jobs < one.jobs ? other : one;
}
