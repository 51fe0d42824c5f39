import test from "ava";
import fc from "fast-check";
import { MkimageError } from "../../src/base/errors.ts";
import { formatSize, parseSize, roundDown, roundUp } from "../../src/base/units.ts";

const sizes: readonly [string, number][] = [
  ["0", 0],
  ["4096", 4096],
  ["4096B", 4096],
  ["1K", 1024],
  ["512M", 512 * 1024 ** 2],
  ["1MiB", 1024 ** 2],
  ["1mb", 1024 ** 2],
  ["1.5G", 1.5 * 1024 ** 3],
  ["2T", 2 * 1024 ** 4],
  ["2048s", 1024 ** 2],
];

for (const [text, bytes] of sizes) test(`${text} is ${bytes} bytes`, (t) => t.is(parseSize(text), bytes));

for (const text of ["", "M", "-1M", "1X", "1.5", "0.3K", "1e3", "99999999T"]) {
  test(`${JSON.stringify(text)} is refused`, (t) => {
    t.throws(() => parseSize(text), { instanceOf: MkimageError, message: /is not a size/ });
  });
}

test("rounding up is a true ceiling: a multiple stays what it is", (t) => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 21 }), (value, step) => {
      const up = roundUp(value, step);
      t.true(up % step === 0 && up >= value && up - value < step);
      t.is(roundUp(up, step), up);
      t.is(roundDown(up, step), up);
    }),
  );
});

test("sizes are shown to people in the unit that fits", (t) => {
  t.is(formatSize(12), "12 bytes");
  t.is(formatSize(1536), "1.5 KiB");
  t.is(formatSize(256 * 1024 ** 2), "256 MiB");
});
