import test from "ava";
import { KiB, MiB } from "../../src/base/units.ts";
import { surveyTables } from "../../src/image/qcow2/read/survey-tables.ts";
import { Turns } from "../../src/image/turns.ts";
import { words } from "./qcow2-file.ts";

test("signals are heard while tables are looked through", async (t) => {
  const header = { clusterBits: 16, size: 4096 * MiB, l1Offset: 0, l1Entries: 8, compression: "zlib" } as const;
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
  const survey = surveyTables({ ...header, knowsZeros: true }, l1, file, new Turns(interruption.signal));
  await t.throwsAsync(survey, { code: "INTERRUPTED" });
  t.deepEqual(positions, [64 * KiB]);
});
