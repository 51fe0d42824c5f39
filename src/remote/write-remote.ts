import { MkimageError } from "../base/errors.ts";
import { lengthOf } from "../image/extent.ts";
import type { DeviceImage } from "../image/image.ts";
import { roundDown, type Bytes } from "../base/units.ts";
import type { Device } from "../machine/device.ts";
import { endSize, endWrites, type Ends } from "../machine/ends.ts";
import { requireRunning } from "../machine/interruption.ts";
import type { DeviceReport, DeviceWriteOptions } from "../machine/write-device.ts";
import { findDifference } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { dataOrders, type Order, orderOf, type SentRun, zeros } from "./orders.ts";
import { claimScript } from "./scripts/claim.ts";
import { heldDeviceArguments } from "./scripts/held-device.ts";
import { rereadScript } from "./scripts/reread.ts";
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
  await reporter.task("clearing both ends", async () => {
    await claim(target);
    await clear(target);
  });
  const start = performance.now();
  const sent = await reporter.task("sending", ({ progress }) =>
    sendTo(target, orders, { signal, onDone: (done) => progress(done, image.size) }),
  );
  const flushed = performance.now();
  const wanted = [...sent, ...clearedEnd(device, image)];
  await reporter.task("reading back", async ({ progress }) =>
    requireSame(device, await findDifference(connection, device, wanted, { signal, onProgress: progress })),
  );
  const verified = performance.now();
  requireRunning(signal);
  const partitionsSeen = await reporter.task("writing the first blocks", () => finish(target, ends()));
  return {
    imageSize: image.size,
    bytesWritten: lengthOf(sent.filter(({ sha256 }) => sha256 !== undefined)),
    bytesVerified: lengthOf(wanted),
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
  return send(connection, device, orders, { tools, ...watch });
}

/** Zeros over both ends, on the medium: nothing finds what was there. */
async function clear(target: RemoteTarget): Promise<void> {
  await sendTo(target, endsOf(target.device));
}

/** @throws MkimageError REFUSED_DEVICE when somebody uses the device whom the kernel's files do not show. */
async function claim({ connection, device }: RemoteTarget): Promise<void> {
  const kind = device.partitionOf === undefined ? "disk" : "partition";
  const answer = await connection.run(claimScript, [...heldDeviceArguments(device), kind], { deadlineSeconds: 120 });
  if (answer === "claimed\n") return;
  throw new MkimageError(
    "REFUSED_DEVICE",
    `${device.path} cannot be opened for this program alone: something uses it`,
    {
      details: answer.split("\n").slice(1),
      hint: "look for containers, virtual machines and targets of iSCSI that have it; nothing was written",
    },
  );
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
    requireSame(device, await findDifference(connection, device, orders, {}));
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

function requireSame({ path }: Device, difference: SentRun | undefined): void {
  if (difference === undefined) return;
  const { offset, length } = difference;
  throw new MkimageError(
    "MISMATCH",
    `${path} does not hold what was written between the bytes ${offset} and ${offset + length}`,
    { hint: "the device lies or is worn out: use another one" },
  );
}
