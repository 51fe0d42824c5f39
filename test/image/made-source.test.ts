import test from "ava";
import * as fc from "fast-check";
import { blockLength, blocksExtent, bytesExtent, partOfSource } from "../../src/image/extent.ts";
import { fillFrom, type MadeSource } from "../../src/image/made-source.ts";

const count = 5;
const size = count * blockLength;

/** Every byte depends on its block and its place; two thirds are left as the zeros that they are made into. */
function writeBlock(index: number, block: Buffer): void {
  for (let at = 0; at < block.length; at += 3) block[at] = (index + 1) * 31 + at;
}

const whole = Buffer.alloc(size);
for (let index = 0; index < count; index += 1) {
  writeBlock(index, whole.subarray(index * blockLength, (index + 1) * blockLength));
}

const sources: readonly (readonly [kind: string, source: MadeSource, bytes: Buffer])[] = [
  ["blocks", blocksExtent(0, count, writeBlock).source as MadeSource, whole],
  ["bytes", bytesExtent(0, whole).source as MadeSource, whole],
  ["zeros", { kind: "zeros" }, Buffer.alloc(size)],
];

for (const [kind, source, bytes] of sources) {
  test(`any part of ${kind} is the same wherever it begins and ends, and whatever it is made in`, (t) => {
    const range = fc.uniqueArray(fc.integer({ min: 0, max: size }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(range, fc.nat(9), (cuts, misalignment) => {
        const [start = 0, skip = 0, end = 0] = cuts.toSorted((a, b) => a - b);
        const target = Buffer.alloc(size + 10, 0xee).subarray(misalignment, misalignment + end - skip);
        fillFrom(partOfSource(source, start, end - start) as MadeSource, skip - start, target);
        t.true(target.equals(bytes.subarray(skip, end)));
      }),
    );
  });
}
