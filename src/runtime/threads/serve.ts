import { parentPort } from "node:worker_threads";
import { failureOf } from "./failure.ts";
import type { AnyJob } from "./job.ts";
import type { Answer, Question } from "./thread.ts";

/** In a thread: does jobs in the order in which they come, and answers each when it has ended. */
export function serve(jobs: readonly AnyJob[]): void {
  const known = new Map(jobs.map((job) => [job.name, job]));
  parentPort?.on("message", (question: Question) => void answer(question, known));
}

async function answer(question: Question, jobs: ReadonlyMap<string, AnyJob>): Promise<void> {
  const answered = await answerTo(question, jobs);
  parentPort?.postMessage(answered, "result" in answered ? buffersIn(answered.result) : []);
}

async function answerTo({ id, job, input }: Question, jobs: ReadonlyMap<string, AnyJob>): Promise<Answer> {
  try {
    const known = jobs.get(job);
    if (known === undefined) throw new Error(`start/thread-main.ts does not list the job ${job}`);
    return { id, result: await known.run(input as never) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

/** Returns the buffers of a result, which are transferred: this thread does not need them any more. */
function buffersIn(result: unknown): ArrayBuffer[] {
  const values: unknown[] = Object.values(result ?? {});
  const buffers = values.flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer] : []));
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer);
}
