import { availableParallelism } from "node:os";
import { Thread } from "./thread.ts";

/** Beside the main thread. More of them would only wait for each other at the file's lock in the kernel. */
const threadCount = Math.min(availableParallelism(), 4) - 1;
/** One job is done while the next one waits. */
const mostJobs = 2;

const threads: Thread[] = [];

/** A thread that has room for a job; none where all of them, which are up to three, have enough to do. */
export function freeThread(): Thread | undefined {
  dropEnded();
  const [least] = threads.toSorted((a, b) => a.jobs - b.jobs);
  if (least !== undefined && least.jobs === 0) return least;
  if (threads.length < threadCount) return startThread();
  return least !== undefined && least.jobs < mostJobs ? least : undefined;
}

function startThread(): Thread {
  const thread = new Thread();
  threads.push(thread);
  return thread;
}

function dropEnded(): void {
  for (let index = threads.length - 1; index >= 0; index -= 1)
    if (threads[index]?.ended === true) threads.splice(index, 1);
}
