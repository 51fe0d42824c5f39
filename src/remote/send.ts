import { Readable } from "node:stream";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import type { Device } from "../machine/device.ts";
import type { Connection } from "./connection.ts";
import { lineOf, longestAnswer, longestWork, type Order, runOf, type SentRun } from "./orders.ts";
import { ownClock } from "../runtime/clock.ts";
import { lineReader } from "../runtime/line-reader.ts";
import { packed, packingFor } from "./packing.ts";
import { heldDeviceArguments } from "./scripts/held-device.ts";
import { receiveScript } from "./scripts/receive.ts";

export interface SendOptions {
  /** The programs of the other machine. */
  readonly tools: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
  /** Called with the offset up to which the other machine has done what it was told. */
  readonly onDone?: (offset: Bytes) => void;
  /** When what was sent has to be on the medium before anything else is written. Default: `at the end`. */
  readonly flushes?: "at the end" | "after each order";
}

/**
 * Sends orders for a device as one compressed stream, and waits until all is on the medium. Returns what was sent, without
 * its bytes.
 *
 * @throws MkimageError REMOTE_FAILED, SOURCE_CHANGED, BAD_IMAGE, INTERRUPTED.
 */
export async function send(
  connection: Connection,
  device: Device,
  orders: Iterable<Order>,
  { tools, signal, onDone = () => {}, flushes = "at the end" }: SendOptions,
): Promise<readonly SentRun[]> {
  const sent: SentRun[] = [];
  let done = 0;
  let failure: unknown;
  const packing = packingFor(tools);
  const pieces = packed(bytesOf(orders, sent, flushes), packing, ownClock.now);
  const input = Readable.from(pieces, { objectMode: false, highWaterMark: 1 });
  input.once("error", (error) => {
    failure = error;
  });
  const onOutput = lineReader((line) => {
    const last = line === "done" ? sent[done++] : undefined;
    if (last !== undefined) onDone(last.offset + last.length);
  }, longestAnswer);
  try {
    const output = await connection.run(receiveScript, [...heldDeviceArguments(device), packing.unpack], {
      input,
      signal,
      onOutput,
      deadlineSeconds: longestWork,
    });
    requireEnd(output, connection.destination);
  } catch (error) {
    throw failure ?? error;
  }
  return sent;
}

function* bytesOf(orders: Iterable<Order>, sent: SentRun[], flushes: SendOptions["flushes"]): Generator<Uint8Array> {
  for (const order of orders) {
    const run = runOf(order);
    sent.push(run);
    yield Buffer.from(lineOf(order.bytes === undefined ? "zero" : "write", run));
    if (order.bytes !== undefined) yield order.bytes;
    if (flushes === "after each order") yield Buffer.from("flush\n");
  }
  yield Buffer.from("end\n");
}

function requireEnd(output: string, destination: string): void {
  if (output.endsWith("end\n")) return;
  throw new MkimageError("REMOTE_FAILED", `${destination} took a part of what was sent only`, {
    details: output.split("\n").slice(-3),
    hint: "the disk has no partition table now: give the same command again",
  });
}
