import { parentPort } from "node:worker_threads";
import { writePiece } from "../write-piece.ts";
import { type Failure, failureOf } from "./failure.ts";
import { unpackExtents } from "./packed-extents.ts";
import type { Job } from "./thread.ts";

// What a thread runs: it writes pieces in the order in which they come, and answers each with what went wrong, or null.

parentPort?.on("message", (job: Job) => parentPort?.postMessage(answer(job), []));

function answer({ descriptor, imageSize, piece }: Job): Failure | null {
  try {
    writePiece({ descriptor, imageSize, extents: unpackExtents(piece) });
    return null;
  } catch (error) {
    return failureOf(error);
  }
}
