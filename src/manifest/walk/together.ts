import { tuneEngine } from "../../runtime/engine.ts";
import type { Thread } from "../../runtime/threads/thread.ts";
import { startedThreads } from "../../runtime/threads/thread-pool.ts";
import type { ByteString } from "../../base/byte-string.ts";
import { type SharedWalk, walkShareJob, walkTurns } from "./share.ts";
import type { Walked, WalkRules } from "./walked.ts";
import { inodeWords } from "../../runtime/inode-columns.ts";

/** From here on a build takes long enough to be worth it. */
const manyInodes = 2000;

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
  let inodes = 0;
  for (const walked of walkTurns(walk)) {
    left -= walked.trees.length;
    inodes += walked.inodes.length / inodeWords;
    if (inodes > manyInodes) tuneEngine();
    yield walked;
  }
  // A thread that had not begun yet has nothing, and is not waited for.
  if (left > 0) yield* await Promise.all(others);
}

function walkIn(thread: Thread, walk: SharedWalk): Promise<Walked> {
  const walked = thread.run(walkShareJob, walk);
  walked.catch(() => {});
  return walked;
}
