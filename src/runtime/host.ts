import { randomUUID } from "node:crypto";
import type { Bytes } from "../base/units.ts";
import { freeSpace } from "./free-space.ts";
import { run } from "./run.ts";
import { copyingThreads, startThreads } from "./threads/thread-pool.ts";
import { openTemporaryWorkspace, openWorkspace } from "./workspace.ts";

/** The services of the machine that mkimage runs on. Tests put another in its place. */
export interface Host {
  readonly run: typeof run;
  readonly openWorkspace: typeof openWorkspace;
  readonly openTemporaryWorkspace: typeof openTemporaryWorkspace;
  readonly freeSpace: typeof freeSpace;
  readonly randomSeed: () => string;
  /** How much memory this process may still take. */
  readonly availableMemory: () => Bytes;
  /** Starts the threads that copy, which need a moment. */
  readonly startCopying: () => void;
}

export const thisMachine: Host = {
  run,
  openWorkspace,
  openTemporaryWorkspace,
  freeSpace,
  randomSeed: randomUUID,
  availableMemory: () => process.availableMemory(),
  startCopying: () => startThreads(copyingThreads),
};
