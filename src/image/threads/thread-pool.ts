import { availableParallelism } from "node:os";
import { Thread } from "./thread.ts";

/** Beside the main thread. More of them would only wait for each other at the file's lock in the kernel. */
const threadCount = Math.min(availableParallelism(), 4) - 1;
/** One job is done while others wait, for as long as the main thread is busy with something of its own. */
const mostJobs = 6;

let threads: Thread[] = [];

/** Starts every thread. They need a moment, in which others plan. */
export function startThreads(): void {
  while (threads.length < threadCount) threads.push(new Thread());
}

/** A thread that has room for a job; none where all of them, which are up to three, have enough to do. */
export function freeThread(): Thread | undefined {
  threads = threads.filter(({ ended }) => !ended);
  startThreads();
  const [least] = threads.toSorted((a, b) => a.jobs - b.jobs);
  return least !== undefined && least.jobs < mostJobs ? least : undefined;
}
