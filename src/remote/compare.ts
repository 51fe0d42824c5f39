import { Readable } from "node:stream";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import { lengthOf } from "../image/extent.ts";
import { lineReader } from "../runtime/line-reader.ts";
import type { Device } from "../machine/device.ts";
import type { RemoteTarget } from "./remote-target.ts";
import { lineOf, longestAnswer, longestWork, type SentRun } from "./orders.ts";
import { readBackScript } from "./scripts/read-back.ts";
import { heldDeviceArguments } from "./scripts/held-device.ts";
import type { Summing } from "./summing.ts";

interface CompareOptions {
  /** The one by which the runs have their sums. */
  readonly summing: Summing;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: Bytes, total: Bytes) => void;
}

/**
 * Has another machine read runs of a device from the medium, and returns the first one that does not hold what was sent;
 * undefined when all do.
 *
 * @throws MkimageError REMOTE_FAILED, INTERRUPTED.
 */
export async function findDifference(
  target: RemoteTarget,
  runs: readonly SentRun[],
  options: CompareOptions,
): Promise<SentRun | undefined> {
  const same = await compareRuns(target, runs, options);
  return runs.find((_, index) => same[index] !== true);
}

/**
 * Has another machine read runs of a device from the medium, and returns for each whether it holds what the run says.
 *
 * @throws MkimageError REMOTE_FAILED, INTERRUPTED.
 */
export async function compareRuns(
  { connection, device }: RemoteTarget,
  runs: readonly SentRun[],
  { summing, signal, onProgress = () => {} }: CompareOptions,
): Promise<boolean[]> {
  const total = lengthOf(runs);
  let [done, answered] = [0, 0];
  const onOutput = lineReader(() => {
    done += runs[answered]?.length ?? 0;
    answered += 1;
    onProgress(done, total);
  }, longestAnswer);
  const input = Readable.from(runs.map((run) => lineOf(run.sum === undefined ? "zeros" : "data", run)));
  const output = await connection.run(readBackScript, [...heldDeviceArguments(device), summing.program], {
    input,
    signal,
    onOutput,
    deadlineSeconds: longestWork,
  });
  const answers = output.split("\n");
  if (answers[runs.length] !== "end")
    throw new MkimageError("REMOTE_FAILED", `${connection.destination} did not read back all of ${device.path}`);
  return runs.map(({ sum }, index) => answers[index]?.split(" ")[0] === (sum ?? "zeros"));
}

/** @throws MkimageError MISMATCH when there is a difference. */
export function requireSame({ path }: Device, difference: SentRun | undefined): void {
  if (difference === undefined) return;
  const { offset, length } = difference;
  throw new MkimageError(
    "MISMATCH",
    `${path} does not hold what was written between the bytes ${offset} and ${offset + length}`,
    { hint: "the device lies or is worn out: use another one" },
  );
}
