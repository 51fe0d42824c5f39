import { assert, integer, property } from "fast-check";
import test from "ava";
import { blockSize, checksumBlocks, findDifferences } from "../../src/disk/checksums.ts";

test("any single changed byte is found, in its block and no other", (t) => {
  const bytes = new Uint8Array(3 * blockSize + 100).map((_, index) => index * 31 + (index >> 8));
  const expected = checksumBlocks(bytes);
  t.deepEqual(findDifferences(bytes, expected), []);
  const place = integer({ min: 0, max: bytes.length - 1 });
  assert(
    property(place, integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      const [difference, ...others] = findDifferences(changed, expected);
      t.is(others.length, 0);
      t.is(difference?.start, Math.floor(at / blockSize) * blockSize);
      t.false(difference?.hole);
    }),
    { numRuns: 50 },
  );
});

test("what should be zeros and is not is known as a hole, with checksums and without", (t) => {
  const bytes = new Uint8Array(2 * blockSize);
  const expected = checksumBlocks(bytes);
  bytes[blockSize + 7] = 1;
  const difference = { start: blockSize, length: blockSize, hole: true };
  t.deepEqual(findDifferences(bytes, expected), [difference]);
  t.deepEqual(findDifferences(bytes, undefined), [difference]);
});
