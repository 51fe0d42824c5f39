import { createHash } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { MiB } from "../../src/base/units.ts";
import { bytesExtent } from "../../src/image/extent.ts";
import type { Device } from "../../src/machine/device.ts";
import { dataOrders, lineOf, type Order } from "../../src/remote/orders.ts";
import { recognisingSum } from "../../src/remote/summing.ts";
import { freeDisk } from "../machine/free-disk.ts";

const summing = recognisingSum(new Set());

/** The bytes after the orders of a disk that was full of old ones. */
function carryOut(orders: Iterable<Order>, size: number): Buffer {
  const disk = Buffer.alloc(size, 0xa5);
  for (const { offset, length, bytes } of orders) disk.set(bytes ?? new Uint8Array(length), offset);
  return disk;
}

const piece = fc.record({
  gap: fc.integer({ min: 0, max: 5 * MiB }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 9000 }),
});
const image = fc.record({
  pieces: fc.array(piece, { maxLength: 8 }),
  tail: fc.integer({ min: 0, max: MiB }),
  sectorSize: fc.constantFrom(512, 4096),
});

test("orders make the image out of any old bytes, but for what is held back", (t) => {
  const property = fc.property(image, ({ pieces, tail, sectorSize }) => {
    let at = 0;
    const extents = pieces.map(({ gap, bytes }) => {
      const extent = bytesExtent(at + gap, bytes);
      at += gap + bytes.length;
      return extent;
    });
    const size = Math.max(at + tail, 2 * MiB);
    const device: Device = { ...freeDisk, size: Math.ceil(size / 4096) * 4096, sectorSize };
    const wanted = Buffer.alloc(device.size);
    for (const { offset, source } of extents) if (source.kind === "bytes") wanted.set(source.bytes, offset);
    const { orders, ends } = dataOrders(device, { size, extents }, summing);
    const taken = [...orders];
    const found = carryOut(taken, device.size);
    t.true(found.subarray(0, MiB).every((byte) => byte === 0));
    t.is(Buffer.compare(found.subarray(MiB, size), wanted.subarray(MiB, size)), 0);
    t.is(Buffer.compare(Buffer.from(ends().head), wanted.subarray(0, ends().head.length)), 0);
    for (const { offset, length, sum } of taken) {
      t.is(offset % sectorSize, 0);
      t.is(length % sectorSize, 0);
      const found256 = createHash("sha256")
        .update(found.subarray(offset, offset + length))
        .digest("hex");
      t.true(sum === undefined || sum === found256);
    }
  });
  fc.assert(property, { numRuns: 40 });
});

test("what is free of a hole need not be written, and all else is the image", (t) => {
  const places = fc.uniqueArray(fc.integer({ min: 17, max: 60 }), { minLength: 1, maxLength: 12 });
  const shifts = fc.integer({ min: 0, max: 5000 });
  const property = fc.property(places, fc.constantFrom(512, 4096), shifts, (taken, sectorSize, shift) => {
    const at = (place: number) => place * 256 * 1024;
    const ascending = taken.toSorted((a, b) => a - b);
    const data = ascending.filter((place) => place % 2 === 0);
    const runs = ascending.filter((place) => place % 2 === 1).map((place) => at(place) + shift);
    const extents = data.map((place) => bytesExtent(at(place), Buffer.alloc(5000, place)));
    const size = 16 * MiB;
    const device: Device = { ...freeDisk, size, sectorSize };
    const free = runs.map((offset) => ({ offset, length: 200_000 }));
    const found = carryOut(dataOrders(device, { size, extents, free }, summing).orders, size);
    const wanted = Buffer.alloc(size);
    for (const { offset, source } of extents) if (source.kind === "bytes") wanted.set(source.bytes, offset);
    // Whole blocks within what is free stay as they were.
    for (const offset of runs) t.is(found[offset + 100_000], 0xa5);
    for (const disk of [found, wanted]) for (const offset of runs) disk.fill(0, offset, offset + 200_000);
    t.is(Buffer.compare(found.subarray(MiB), wanted.subarray(MiB)), 0);
  });
  fc.assert(property, { numRuns: 60 });
});

test("a large run that is free is in no order", (t) => {
  const device: Device = { ...freeDisk, size: 64 * MiB };
  const free = [{ offset: 4 * MiB, length: 50 * MiB }];
  const orders = [...dataOrders(device, { size: 64 * MiB, extents: [], free }, summing).orders];
  t.deepEqual(
    orders.map(({ offset, length }) => [offset / MiB, length / MiB]),
    [
      [0, 4],
      [54, 10],
    ],
  );
});

const lines = {
  "write 1048576 4 2": { offset: 4 * MiB, length: 2 * MiB },
  "write 65536 1 3": { offset: 65536, length: 3 * 65536 },
  "write 4096 1 1": { offset: 4096, length: 4096 },
  "write 512 1 9": { offset: 512, length: 9 * 512 },
};
for (const [line, run] of Object.entries(lines)) {
  test(`${run.length} bytes at ${run.offset} are the order ${line}`, (t) => {
    t.is(lineOf("write", { ...run, sum: undefined }), `${line}\n`);
  });
}
