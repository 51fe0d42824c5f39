import { extname, join } from "node:path";
import { type Transferable, Worker } from "node:worker_threads";
import { MkimageError } from "../../base/errors.ts";
import { errorOf, type Failure } from "./failure.ts";
import type { ThreadJob } from "./job.ts";

/** A message to a thread: a job and its input. */
export interface Question {
  readonly id: number;
  readonly job: string;
  readonly input: unknown;
}

/** The reply of a thread: the job's result, or the error that it threw. */
export type Answer =
  | { readonly id: number; readonly result: unknown; readonly failure?: undefined }
  | { readonly id: number; readonly failure: Failure };

/** A thread of its own. It does not keep the process alive while it has nothing to do. */
export class Thread {
  // No file is left open by a thread that ends, since jobs close what they open; to keep count takes time.
  readonly #worker = new Worker(program, { trackUnmanagedFds: false });
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;
  #end: unknown;

  constructor() {
    this.#worker.on("message", (answer: Answer) => this.#settle(answer));
    this.#worker.on("messageerror", (error) => this.#endAll(error));
    this.#worker.on("error", (error) => this.#endAll(notStarted(error) ?? error));
    this.#worker.on("exit", (code) =>
      this.#endAll(new MkimageError("INTERNAL", `a thread ended by itself, with code ${code}`)),
    );
    // Behind the listeners, of which each makes the process wait again.
    this.#worker.unref();
  }

  /** How many jobs it has not done yet. */
  get jobs(): number {
    return this.#waiting.size;
  }

  /** Whether it takes no more jobs. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Begins a job behind those that it has. Throws what the job throws, or what the thread has ended of. */
  run<Input, Result>(
    { name }: ThreadJob<Input, Result>,
    input: Input,
    transfer: readonly Transferable[] = [],
  ): Promise<Result> {
    if (this.ended) return Promise.reject(this.#end as Error);
    const waiting = Promise.withResolvers<unknown>();
    const id = (this.#next += 1);
    const question: Question = { id, job: name, input };
    this.#worker.postMessage(question, transfer);
    this.#waiting.set(id, waiting);
    this.#worker.ref();
    return waiting.promise as Promise<Result>;
  }

  /** Ends it at once, with what it is doing. */
  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (answer.failure === undefined) waiting?.resolve(answer.result);
    else waiting?.reject(errorOf(answer.failure));
  }

  #endAll(error: unknown): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
    this.#worker.unref();
  }
}

/** The error for a thread that this machine has no room for. */
function notStarted(error: unknown): MkimageError | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "ERR_WORKER_INIT_FAILED") return undefined;
  return new MkimageError("FILE_FAILED", `no thread can be started: ${message}`, {
    hint: "allow more open files and processes: ulimit -n, ulimit -u",
    cause: error,
  });
}

/** Among what starts by itself, or beside the bundle that this file is a part of. */
const program = join(
  import.meta.dirname,
  extname(import.meta.filename) === ".ts" ? "../../start/thread-main.ts" : "thread-main.cjs",
);
