import test from "ava";
import { KiB, MiB } from "../../src/base/units.ts";
import { surveyTables } from "../../src/image/qcow2/read/survey-tables.ts";
import { Turns } from "../../src/image/turns.ts";
import { words } from "./qcow2-file.ts";

const header = {
  clusterBits: 16,
  size: 4096 * MiB,
  l1Offset: 0,
  l1Entries: 8,
  compression: "zlib",
  knowsZeros: true,
} as const;

test("a second-level table begins at a multiple of the size of a cluster", async (t) => {
  const file = { size: MiB, realSize: MiB, read: (_: number, length: number) => Buffer.alloc(length) };
  const survey = async (at: number) =>
    await surveyTables(
      header,
      words(8, (index) => (index === 0 ? at : 0)),
      file,
      new Turns(undefined),
    );
  t.is((await survey(64 * KiB))?.dataBytes, 0);
  t.is(await survey(64 * KiB + 512), undefined);
});

test("signals are heard while tables are looked through", async (t) => {
  const l1 = words(8, (index) => (index + 1) * 64 * KiB);
  const interruption = new AbortController();
  const positions: number[] = [];
  const read = (position: number, length: number): Buffer => {
    positions.push(position);
    setImmediate(() => interruption.abort());
    // Longer than a turn.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
    return Buffer.alloc(length);
  };
  const file = { size: 16 * MiB, realSize: 16 * MiB, read };
  const survey = surveyTables(header, l1, file, new Turns(interruption.signal));
  await t.throwsAsync(survey, { code: "INTERRUPTED" });
  t.deepEqual(positions, [64 * KiB]);
});
