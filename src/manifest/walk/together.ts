import type { Thread } from "../../threads/thread.ts";
import { startedThreads } from "../../threads/thread-pool.ts";
import type { ByteString } from "../byte-string.ts";
import { type SharedWalk, walkShare } from "./share.ts";
import type { Walked, WalkRules } from "./walked.ts";

/**
 * Walks through trees in this thread and in those that have been started.
 *
 * @throws MkimageError INTERNAL when a thread has ended. What cannot be read is among the faults.
 */
export async function walkTogether(paths: readonly ByteString[], rules: WalkRules): Promise<Walked[]> {
  const walk: SharedWalk = { paths, rules, taken: new Int32Array(new SharedArrayBuffer(4)) };
  const others = startedThreads().map((thread) => walkIn(thread, walk));
  const own = walkShare(walk);
  // A thread that had not begun yet has nothing, and is not waited for.
  if (own.trees.length === paths.length) return [own];
  return [own, ...(await Promise.all(others))];
}

function walkIn(thread: Thread, walk: SharedWalk): Promise<Walked> {
  const walked = thread.run("walkShare", walk);
  walked.catch(() => {});
  return walked;
}
