import test from "ava";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { KiB, MiB } from "../../src/base/units.ts";
import { bytesExtent } from "../../src/image/extent.ts";
import { preallocateRuns } from "../../src/image/preallocate-runs.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { gainsByPreallocating } from "../../src/runtime/preallocate.ts";
import { temporaryFolder } from "./folder.ts";
import { sampleBytes } from "./sample.ts";

const cases: readonly [what: string, runs: readonly (readonly [offset: number, length: number])[], room: number][] = [
  ["one run", [[0, 128 * KiB]], 128 * KiB],
  [
    "runs that share blocks of the grid are one",
    [
      [0, 60 * KiB + 1],
      [60 * KiB + 100, 60 * KiB],
    ],
    124 * KiB,
  ],
  ["a run that ends within a block", [[4096, 96 * KiB + 1]], 100 * KiB],
  [
    "a hole stays one",
    [
      [0, 64 * KiB],
      [512 * KiB, 64 * KiB],
    ],
    128 * KiB,
  ],
  [
    "short runs are left alone",
    [
      [0, 32 * KiB],
      [64 * KiB, 32 * KiB],
    ],
    0,
  ],
  ["the last block reaches beyond the file", [[MiB - 100 * KiB, 100 * KiB - 10]], 100 * KiB],
  ["nothing", [], 0],
];

for (const [what, runs, room] of cases) {
  test(`room is found for long runs: ${what}`, (t) => {
    const path = join(temporaryFolder(t), "disk");
    const file = openSync(path, "w+");
    truncateSync(path, MiB - 10);
    preallocateRuns(
      file,
      runs.map(([offset, length]) => ({ offset, length })),
    );
    const { size, blocks } = fstatSync(file);
    closeSync(file);
    t.is(size, MiB - 10);
    t.is(blocks * 512, room);
    t.true(readFileSync(path).every((byte) => byte === 0));
  });
}

test("a raw image takes the room of its data, and holds it", async (t) => {
  const path = join(temporaryFolder(t), "disk.raw");
  const parts = [bytesExtent(0, sampleBytes(300_000, 1)), bytesExtent(8 * MiB, sampleBytes(5 * MiB, 2))];
  await writeRaw({ size: 64 * MiB + 100, extents: parts }, path);
  const file = openSync(path, "r+");
  fsyncSync(file);
  closeSync(file);
  t.is(statSync(path).blocks * 512, 74 * 4096 + 5 * MiB);
  const bytes = readFileSync(path);
  t.is(bytes.length, 64 * MiB + 100);
  for (const { offset, length, source } of parts) {
    t.true(source.kind === "bytes" && bytes.subarray(offset, offset + length).equals(source.bytes));
  }
});

test("in memory nothing is allocated first", (t) => {
  const folder = mkdtempSync("/dev/shm/mkimage-test-");
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = openSync(join(folder, "disk"), "w");
  t.false(gainsByPreallocating(file));
  closeSync(file);
});
