import { readImage } from "../image/chunk.ts";
import type { Run } from "../image/extent.ts";
import type { DeviceImage } from "../image/image.ts";
import { KiB, MiB, roundDown, roundUp, type Bytes } from "../base/units.ts";
import type { Device } from "../machine/device.ts";
import type { Ends } from "../machine/ends.ts";
import { blockSize } from "../machine/checksums.ts";
import { HeldBack } from "../machine/held-back.ts";
import { joinRuns } from "../machine/write-data.ts";
import type { Summing } from "./summing.ts";

/**
 * The longest run of data. Each is written by programs that are started for it, and read back by others, which takes a slow processor
 * longer than some MiB; what differs is sent again as a whole.
 */
const chunkSize: Bytes = 16 * MiB;

/** A run of a device that is sent, with what it has to hold afterwards. */
export interface SentRun {
  readonly offset: Bytes;
  readonly length: Bytes;
  /** Hexadecimal; undefined: zeros. */
  readonly sum: string | undefined;
}

/** A run, and its bytes: none where zeros do not have to be sent. */
export interface Order extends SentRun {
  readonly bytes: Uint8Array | undefined;
}

/** The orders of an image's data, one after the other, and what is left for the end. */
interface DataOrders {
  readonly orders: Iterable<Order>;
  /** Complete when all orders were taken. */
  readonly ends: () => Ends;
}

/**
 * Returns the orders for all of a device but what makes it bootable, in ascending order, holes too. Each order reads its
 * bytes when it is asked for.
 */
export function dataOrders(device: Device, image: DeviceImage, summing: Summing): DataOrders {
  const held = new HeldBack(device, image.size);
  return { orders: ordersOf(device, image, held, summing), ends: () => held.ends };
}

function* ordersOf({ sectorSize }: Device, image: DeviceImage, held: HeldBack, { sum }: Summing): Generator<Order> {
  const zeroed = roundUp(image.zeroedUpTo ?? image.size, sectorSize);
  const holes = holesBeside(image.free ?? []);
  let next = 0;
  // The stream keeps what it is given until it is sent: each chunk has memory of its own.
  for (const chunk of readImage(image, { chunkSize, memory: () => Buffer.alloc(chunkSize + sectorSize) })) {
    held.take(chunk);
    chunk.memory.fill(0, chunk.bytes.length);
    for (const { start, end } of joinRuns(chunk)) {
      const from = chunk.offset + start;
      if (from > next) yield* holes(next, Math.min(from, zeroed));
      const bytes = chunk.memory.subarray(start, roundUp(end, sectorSize));
      yield { offset: from, length: bytes.length, sum: sum(bytes), bytes };
      next = from + bytes.length;
    }
  }
  yield* holes(next, zeroed);
}

/**
 * The orders for a hole, of which what is free is left as it is, but for its edges: blocks that are free in part only, which would
 * be read in small pieces, and that costs a slow processor more than to read them whole.
 */
function holesBeside(free: readonly Run[]) {
  // Holes come in ascending order, so that each free run is looked at once.
  let index = 0;
  return function* (start: Bytes, end: Bytes): Generator<Order> {
    let next = start;
    for (; index < free.length; index += 1) {
      const { offset, length } = free[index] as Run;
      const [from, to] = [roundUp(offset, blockSize), roundDown(offset + length, blockSize)];
      if (from >= end) break;
      yield* zeros(next, Math.max(next, from));
      next = Math.max(next, Math.min(to, end));
      if (to > end) break;
    }
    yield* zeros(next, end);
  };
}

/** So long that a disk says often enough how far it is. */
const longestHole: Bytes = 256 * MiB;

/** A hole in pieces. */
export function* zeros(start: Bytes, end: Bytes): Generator<Order> {
  for (let offset = start; offset < end; offset += longestHole)
    yield { offset, length: Math.min(longestHole, end - offset), sum: undefined, bytes: undefined };
}

/** Bytes at a place, as an order. */
export function orderOf(offset: Bytes, bytes: Uint8Array, { sum }: Summing): Order {
  return { offset, length: bytes.length, sum: sum(bytes), bytes };
}

/** An order without its bytes. */
export function runOf({ offset, length, sum }: Order): SentRun {
  return { offset, length, sum };
}

/** An order's line for the other machine, in the largest blocks that fit. */
export function lineOf(verb: "write" | "zero" | "data" | "zeros", { offset, length }: SentRun): string {
  const size = [MiB, 64 * KiB, 4 * KiB].find((block) => offset % block === 0 && length % block === 0) ?? 512;
  return `${verb} ${size} ${offset / size} ${length / size}\n`;
}

/** The longest line that the other machine answers with. */
export const longestAnswer = 200;

/** The seconds that all orders together may take: a connection that is dead is noticed by ssh, and one that lives may be slow. */
export const longestWork = 7 * 24 * 3600;
