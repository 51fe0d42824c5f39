import type { Thread } from "../../threads/thread.ts";
import { startedThreads } from "../../threads/thread-pool.ts";
import type { ByteString } from "../byte-string.ts";
import { type SharedWalk, walkTurns } from "./share.ts";
import type { Walked, WalkRules } from "./walked.ts";

/**
 * Walks through trees in this thread and in those that have been started, and gives what is found as it comes: while one
 * thread makes inodes of its part, the others take more of what is left.
 *
 * @throws MkimageError INTERNAL when a thread has ended. What cannot be read is among the faults.
 */
export async function* walkTogether(paths: readonly ByteString[], rules: WalkRules): AsyncGenerator<Walked> {
  const walk: SharedWalk = { paths, rules, taken: new Int32Array(new SharedArrayBuffer(4)) };
  const others = startedThreads().map((thread) => walkIn(thread, walk));
  let left = paths.length;
  for (const walked of walkTurns(walk)) {
    left -= walked.trees.length;
    yield walked;
  }
  // A thread that had not begun yet has nothing, and is not waited for.
  if (left > 0) yield* await Promise.all(others);
}

function walkIn(thread: Thread, walk: SharedWalk): Promise<Walked> {
  const walked = thread.run("walkShare", walk);
  walked.catch(() => {});
  return walked;
}
