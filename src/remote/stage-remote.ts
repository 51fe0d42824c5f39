import { lengthOf } from "../image/extent.ts";
import type { DeviceImage } from "../image/image.ts";
import type { Bytes } from "../base/units.ts";
import type { Ends } from "../machine/ends.ts";
import { requireRunning } from "../machine/interruption.ts";
import type { DeviceWriteOptions } from "../machine/write-device.ts";
import { compareRuns, findDifference, requireSame } from "./compare.ts";
import { dataOrders, type Order, runOf, type SentRun } from "./orders.ts";
import { claim, clear, clearedEnd, type RemoteTarget, sendTo } from "./remote-target.ts";
import { provingSum, recognisingSum, type Summing } from "./summing.ts";

/** A device that has all of an image, read back, but what makes it bootable. */
export interface StagedDisk {
  readonly ends: Ends;
  readonly imageSize: Bytes;
  readonly bytesWritten: Bytes;
  readonly bytesVerified: Bytes;
  readonly writeSeconds: number;
  readonly readSeconds: number;
}

export interface StageOptions extends DeviceWriteOptions {
  /** Where an earlier run may have come far with the same image: what is there already is not sent again. Default: `send all`. */
  readonly known?: "send all" | "compare first";
}

/**
 * Writes all of an image to a device of another machine but the first blocks and the backup table, and proves it. Until
 * these are written nothing sees a table on the device.
 *
 * @throws MkimageError REMOTE_FAILED, MISMATCH, SOURCE_CHANGED, BAD_IMAGE, INTERRUPTED.
 */
export async function stageRemote(
  target: RemoteTarget,
  image: DeviceImage,
  { reporter, signal, known = "send all" }: StageOptions,
): Promise<StagedDisk> {
  const { device } = target;
  const again = { ...image, extents: [...image.extents] };
  await reporter.task("clearing both ends", async () => {
    await claim(target);
    await clear(target);
  });
  const summing = known === "send all" ? provingSum(target.tools) : recognisingSum(target.tools);
  const same = known === "send all" ? [] : await sameRuns(target, again, summing, { reporter, signal });
  const start = performance.now();
  const { orders, ends } = dataOrders(device, again, summing);
  const sent = await reporter.task("sending", ({ progress }) =>
    sendTo(target, withoutSame(orders, same), { signal, onDone: (done) => progress(done, image.size) }),
  );
  const flushed = performance.now();
  const wanted = [...sent, ...clearedEnd(device, image)];
  await reporter.task("reading back", async ({ progress }) =>
    requireSame(device, await findDifference(target, wanted, { summing, signal, onProgress: progress })),
  );
  requireRunning(signal);
  return {
    ends: ends(),
    imageSize: image.size,
    bytesWritten: lengthOf(sent.filter(({ sum }) => sum !== undefined)),
    bytesVerified: lengthOf(wanted) + lengthOf(same.filter((run) => run !== undefined)),
    writeSeconds: (flushed - start) / 1000,
    readSeconds: (performance.now() - flushed) / 1000,
  };
}

/** Runs of an image by their index, those only that the device holds already. */
async function sameRuns(
  target: RemoteTarget,
  image: DeviceImage,
  summing: Summing,
  { reporter, signal }: DeviceWriteOptions,
): Promise<(SentRun | undefined)[]> {
  return await reporter.task("looking for what is there already", async ({ progress }) => {
    const runs = Array.from(dataOrders(target.device, image, summing).orders, runOf);
    const holds = await compareRuns(target, runs, { summing, signal, onProgress: progress });
    return runs.map((run, index) => (holds[index] === true ? run : undefined));
  });
}

/** A source that changes meanwhile has other checksums, and is sent. */
function* withoutSame(orders: Iterable<Order>, same: readonly (SentRun | undefined)[]): Generator<Order> {
  let index = 0;
  for (const order of orders) {
    const run = same[index++];
    const isSame = run?.offset === order.offset && run.length === order.length && run.sum === order.sum;
    if (!isSame) yield order;
  }
}
