import { MkimageError } from "../base/errors.ts";
import type { DeviceImage } from "../image/image.ts";
import { roundDown, roundUp } from "../base/units.ts";
import type { Device } from "../machine/device.ts";
import { endSize } from "../machine/ends.ts";
import type { Connection } from "./connection.ts";
import { type Order, type SentRun, zeros } from "./orders.ts";
import { claimScript } from "./scripts/claim.ts";
import { heldDeviceArguments } from "./scripts/held-device.ts";
import { send, type SendOptions } from "./send.ts";

/** The device of another machine, as it is right before it is written to. */
export interface RemoteTarget {
  readonly connection: Connection;
  readonly device: Device;
  readonly tools: ReadonlySet<string>;
}

export function sendTo(
  { connection, device, tools }: RemoteTarget,
  orders: Iterable<Order>,
  options: Omit<SendOptions, "tools"> = {},
) {
  return send(connection, device, orders, { tools, ...options });
}

/** Zeros over both ends, on the medium: nothing finds what was there. */
export async function clear(target: RemoteTarget): Promise<void> {
  await sendTo(target, endsOf(target.device));
}

/** @throws MkimageError REFUSED_DEVICE when somebody uses the device whom the kernel's files do not show. */
export async function claim({ connection, device }: RemoteTarget): Promise<void> {
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
export function clearedEnd({ size, sectorSize }: Device, image: DeviceImage): SentRun[] {
  const whole = roundDown(size, sectorSize);
  const behind = Math.max(whole - Math.min(endSize, whole), image.size);
  return [...zeros(roundUp(behind, sectorSize), whole)];
}
