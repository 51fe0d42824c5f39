import test from "ava";
import { blockSize, findDifferences } from "../../src/machine/checksums.ts";

const zeros = 0xf15715a4;

test("a block with another checksum is a difference, as long as the bytes reach", (t) => {
  const expected = Uint32Array.of(1, 2, 3);
  const length = 2 * blockSize + 100;
  t.deepEqual(findDifferences(expected, expected, length), []);
  t.deepEqual(findDifferences(Uint32Array.of(1, 9, 8), expected, length), [
    { start: blockSize, length: blockSize, hole: false },
    { start: 2 * blockSize, length: 100, hole: false },
  ]);
});

test("what should be zeros and is not is known as a hole, with checksums and without", (t) => {
  const found = Uint32Array.of(zeros, 7);
  const difference = { start: blockSize, length: blockSize, hole: true };
  t.deepEqual(findDifferences(found, Uint32Array.of(zeros, zeros), 2 * blockSize), [difference]);
  t.deepEqual(findDifferences(found, undefined, 2 * blockSize), [difference]);
});
