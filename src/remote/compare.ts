import { Readable } from "node:stream";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import type { Connection } from "./connection.ts";
import { lineOf, type SentRun } from "./orders.ts";
import { readBackScript } from "./receive-script.ts";

interface CompareOptions {
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
  connection: Connection,
  path: string,
  runs: readonly SentRun[],
  { signal, onProgress = () => {} }: CompareOptions,
): Promise<SentRun | undefined> {
  const total = runs.reduce((sum, { length }) => sum + length, 0);
  let [done, answered] = [0, 0];
  const onOutput = (text: string): void => {
    const lines = text.split("\n").length - 1;
    for (const { length } of runs.slice(answered, answered + lines)) done += length;
    answered += lines;
    onProgress(done, total);
  };
  const input = Readable.from(runs.map((run) => lineOf(run.sha256 === undefined ? "zeros" : "data", run)));
  const output = await connection.run(readBackScript, [path], { input, signal, onOutput, deadlineSeconds: longest });
  const answers = output.split("\n");
  if (answers[runs.length] !== "end")
    throw new MkimageError("REMOTE_FAILED", `${connection.destination} did not read back all of ${path}`);
  return runs.find(({ sha256 }, index) => answers[index] !== (sha256 ?? "zeros"));
}

/** As for sending: a disk may be slow. */
const longest = 7 * 24 * 3600;
