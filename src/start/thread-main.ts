import { parentPort } from "node:worker_threads";
import { failureOf } from "../runtime/threads/failure.ts";
import { type Jobs, jobs } from "../runtime/threads/jobs.ts";
import type { Answer, Question } from "../runtime/threads/thread.ts";

// What a thread runs: it begins jobs in the order in which they come, and answers each when it has ended.

parentPort?.on("message", (question: Question) => void answer(question));

async function answer({ id, job, input }: Question): Promise<void> {
  const answered = await answerTo(id, job, input);
  parentPort?.postMessage(answered, "result" in answered ? buffersIn(answered.result) : []);
}

async function answerTo<Name extends keyof Jobs>(
  id: number,
  job: Name,
  input: Parameters<Jobs[Name]>[0],
): Promise<Answer> {
  try {
    const run = jobs[job] as (given: typeof input) => unknown;
    return { id, result: await run(input) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

/** What a result holds by itself is moved; nobody here needs it any more. */
function buffersIn(result: unknown): ArrayBuffer[] {
  const values: unknown[] = Object.values(result ?? {});
  const buffers = values.flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer] : []));
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer);
}
