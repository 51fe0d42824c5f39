import { MkimageError } from "../base/errors.ts";
import type { DeviceImage } from "../image/image.ts";
import { endWrites, type Ends } from "../machine/ends.ts";
import type { DeviceReport, DeviceWriteOptions } from "../machine/write-device.ts";
import { findDifference, requireSame } from "./compare.ts";
import { orderOf } from "./orders.ts";
import { rereadScript } from "./scripts/reread.ts";
import { clear, type RemoteTarget, sendTo } from "./remote-target.ts";
import { type StagedDisk, stageRemote } from "./stage-remote.ts";
import { provingSum } from "./summing.ts";

/**
 * Writes an image to a device of another machine and proves it, as `writeDevice` does here: the first blocks are written
 * last, when all else has been read back there.
 *
 * @throws MkimageError as `stageRemote` and `finishRemote`.
 */
export async function writeRemote(
  target: RemoteTarget,
  image: DeviceImage,
  options: DeviceWriteOptions,
): Promise<DeviceReport> {
  return await finishRemote(target, await stageRemote(target, image, options), options);
}

/**
 * Writes to a device that has all else what makes it bootable.
 *
 * @throws MkimageError REMOTE_FAILED, MISMATCH; then both ends are zeros again.
 */
export async function finishRemote(
  target: RemoteTarget,
  { ends, ...staged }: StagedDisk,
  { reporter }: DeviceWriteOptions,
): Promise<DeviceReport> {
  const partitionsSeen = await reporter.task("writing the first blocks", () => finish(target, ends));
  return { ...staged, partitionsSeen, backupTable: ends.backup?.offset };
}

/** Backup table, first blocks, first block: one after the other. */
async function finish(target: RemoteTarget, ends: Ends): Promise<boolean> {
  const { device, tools } = target;
  const summing = provingSum(tools);
  const orders = [...endWrites(ends, device.sectorSize)].map(({ offset, bytes }) => orderOf(offset, bytes, summing));
  try {
    await sendTo(target, orders, { flushes: "after each order" });
    requireSame(device, await findDifference(target, orders, { summing }));
  } catch (error) {
    await clear(target).catch(() => undefined);
    throw error;
  }
  return await seesPartitions(target);
}

/** A disk is complete, whatever its machine's kernel makes of it. */
async function seesPartitions({ connection, device }: RemoteTarget): Promise<boolean> {
  try {
    const answer = await connection.run(rereadScript, [device.path, device.name], { deadlineSeconds: 120 });
    return answer === "yes\n";
  } catch (error) {
    if (error instanceof MkimageError && error.code !== "INTERRUPTED") return false;
    throw error;
  }
}
