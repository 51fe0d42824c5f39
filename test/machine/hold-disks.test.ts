import test from "ava";
import { holdDisks } from "../../src/machine/hold-disks.ts";

test("a disk is worked on by one at a time, whatever path or part of it is named", async (t) => {
  const [a, b] = [`a${process.pid}`, `b${process.pid}`];
  const held = await holdDisks([{ path: "/dev/disk/by-id/a", name: a, partitionOf: undefined }]);
  const says = `process ${process.pid} works on /dev/a1 right now`;
  const both = [
    { path: "/dev/b", name: b, partitionOf: undefined },
    { path: "/dev/a1", name: `${a}1`, partitionOf: a },
  ];
  await t.throwsAsync(holdDisks(both), { code: "REFUSED_DEVICE", message: says });
  (await holdDisks(both.slice(0, 1))).release();
  held.release();
  (await holdDisks(both)).release();
});
