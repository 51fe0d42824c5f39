import { availableParallelism } from "node:os";
import { Thread } from "./thread.ts";

/** Beside the main thread. More of them would only wait for each other at a file's lock in the kernel. */
const threadCount = Math.min(Math.max(availableParallelism(), 2), 4) - 1;
/** One job is done while others wait, for as long as the main thread is busy with something of its own. */
const mostJobs = 6;

let threads: Thread[] = [];

/** Starts threads until there are `count` of them, or all that are of use. They need a moment, in which others plan. */
export function startThreads(count = threadCount): void {
  threads = threads.filter(({ ended }) => !ended);
  while (threads.length < Math.min(count, threadCount)) threads.push(new Thread());
}

/** Those that are there already. */
export function startedThreads(): readonly Thread[] {
  return threads.filter(({ ended }) => !ended);
}

/** The thread that has the least to do. */
export function aThread(): Thread {
  startThreads(1);
  return leastBusy();
}

/** A thread that has room for a job; none where all of them, which are up to three, have enough to do. */
export function freeThread(): Thread | undefined {
  startThreads();
  const thread = leastBusy();
  return thread.jobs < mostJobs ? thread : undefined;
}

function leastBusy(): Thread {
  return threads.reduce((least, thread) => (thread.jobs < least.jobs ? thread : least));
}
