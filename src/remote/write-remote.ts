import { MkimageError } from "../base/errors.ts";
import type { DeviceImage } from "../image/image.ts";
import { roundDown, type Bytes } from "../base/units.ts";
import type { Device } from "../machine/device.ts";
import { endSize, endWrites, type Ends } from "../machine/ends.ts";
import { requireRunning } from "../machine/interruption.ts";
import type { DeviceReport, DeviceWriteOptions } from "../machine/write-device.ts";
import { findDifference } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { dataOrders, type Order, orderOf, type SentRun, zeros } from "./orders.ts";
import { forgetScript, rereadScript } from "./receive-script.ts";
import { send } from "./send.ts";

/** The device of another machine, as it is right before it is written to. */
interface RemoteTarget {
  readonly connection: Connection;
  readonly device: Device;
  readonly tools: ReadonlySet<string>;
}

/**
 * Writes an image to a device of another machine and proves it, as `writeDevice` does here: the first blocks are written
 * last, when all else has been read back there.
 *
 * @throws MkimageError REMOTE_FAILED, MISMATCH, SOURCE_CHANGED, BAD_IMAGE, INTERRUPTED.
 */
export async function writeRemote(
  target: RemoteTarget,
  image: DeviceImage,
  { reporter, signal }: DeviceWriteOptions,
): Promise<DeviceReport> {
  const { connection, device } = target;
  const { orders, ends } = dataOrders(device, image);
  await reporter.task("clearing both ends", () => clear(target));
  const start = performance.now();
  const sent = await reporter.task("sending", ({ progress }) =>
    sendTo(target, orders, { signal, onDone: (done) => progress(done, image.size) }),
  );
  const flushed = performance.now();
  const wanted = [...sent, ...clearedEnd(device, image)];
  await reporter.task("reading back", async ({ progress }) =>
    requireSame(device, await findDifference(connection, device.path, wanted, { signal, onProgress: progress })),
  );
  const verified = performance.now();
  requireRunning(signal);
  const partitionsSeen = await reporter.task("writing the first blocks", () => finish(target, ends()));
  return {
    imageSize: image.size,
    bytesWritten: sumOf(sent.filter(({ sha256 }) => sha256 !== undefined)),
    bytesVerified: sumOf(wanted),
    partitionsSeen,
    backupTable: ends().backup?.offset,
    writeSeconds: (flushed - start) / 1000,
    readSeconds: (verified - flushed) / 1000,
  };
}

interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly onDone?: (offset: Bytes) => void;
}

function sendTo({ connection, device, tools }: RemoteTarget, orders: Iterable<Order>, watch: Watch = {}) {
  return send(connection, device.path, orders, { tools, ...watch });
}

/** Zeros over both ends, on the medium: nothing finds what was there. */
async function clear(target: RemoteTarget): Promise<void> {
  const { connection, device } = target;
  await connection.run(forgetScript, [device.path], { deadlineSeconds: 60 });
  await sendTo(target, endsOf(device));
}

function* endsOf({ size, sectorSize }: Device): Generator<Order> {
  const whole = roundDown(size, sectorSize);
  const length = Math.min(endSize, whole);
  yield* zeros(0, length);
  yield* zeros(whole - length, whole);
}

/** The zeros behind the image, which `clear` has written. */
function clearedEnd({ size, sectorSize }: Device, image: DeviceImage): SentRun[] {
  const whole = roundDown(size, sectorSize);
  const behind = Math.max(whole - Math.min(endSize, whole), image.size);
  const start = roundDown(behind + sectorSize - 1, sectorSize);
  return [...zeros(start, whole)];
}

/** Backup table, first blocks, first block: one after the other. */
async function finish(target: RemoteTarget, ends: Ends): Promise<boolean> {
  const { connection, device } = target;
  const orders = [...endWrites(ends, device.sectorSize)].map(({ offset, bytes }) => orderOf(offset, bytes));
  try {
    for (const order of orders) await sendTo(target, [order]);
    requireSame(device, await findDifference(connection, device.path, orders, {}));
  } catch (error) {
    await clear(target).catch(() => undefined);
    throw error;
  }
  const answer = await connection.run(rereadScript, [device.path, device.name], { deadlineSeconds: 120 });
  return answer.trim() === "yes";
}

function requireSame({ path }: Device, difference: SentRun | undefined): void {
  if (difference === undefined) return;
  const { offset, length } = difference;
  throw new MkimageError(
    "MISMATCH",
    `${path} does not hold what was written between the bytes ${offset} and ${offset + length}`,
    { hint: "the device lies or is worn out: use another one" },
  );
}

function sumOf(runs: readonly SentRun[]): Bytes {
  return runs.reduce((sum, { length }) => sum + length, 0);
}
