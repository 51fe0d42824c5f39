import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { GiB } from "../../src/base/units.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { applyChange, planChange } from "../../src/machine/change-disks.ts";
import { thisMachine } from "../../src/machine/disk-host.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { context, signal } from "./change-context.ts";

// A disk of this machine with an msdos table that gets a further logical partition.

const primary = (start: string, end: string, mountpoint: string) => ({
  start,
  end,
  content: { type: "filesystem", format: "ext4", mountpoint },
});
const logical = (start: string, end: string, mountpoint: string) => ({
  "part-type": "logical",
  ...primary(start, end, mountpoint),
});
const installed = [
  primary("1MiB", "200MiB", "/"),
  { "part-type": "extended", start: "200MiB", end: "900MiB" },
  logical("201MiB", "400MiB", "/home"),
];

test.serial("a logical partition is added; ended after any step, and all that was there is kept", async (t) => {
  const { path: device } = loopDevice(t, { size: GiB, filled: 0x33 });
  judge("wipefs", "--all", "--quiet", device);
  const root = join(temporaryFolder(t), "root");
  mkdirSync(root);
  t.teardown(() => void ask("umount", "--recursive", root));
  const request = (partitions: readonly object[]) => ({
    tree: readDeviceTree({ disk: { main: { device, content: { type: "table", format: "msdos", partitions } } } }),
    root,
    destroy: [] as string[],
  });
  judge("dd", "if=/dev/zero", `of=${device}`, "bs=1M", "count=1", "conv=notrunc", "status=none");
  judge("dd", "if=/dev/zero", `of=${device}`, "bs=1M", "count=1", "seek=1023", "conv=notrunc", "status=none");
  await applyChange(request(installed), context);
  for (const name of ["file", "home/file"]) {
    writeFileSync(join(root, name), name.repeat(100_000));
  }
  const sums = judge("md5sum", join(root, "file"), join(root, "home/file"));
  judge("umount", "--recursive", root);
  const wanted = request([...installed, logical("401MiB", "800MiB", "/data")]);
  const planned = async () => (await planChange(wanted, thisMachine, signal)).steps;
  const table = (await planned()).findIndex(({ title }) => title.startsWith("change the partition table"));
  for (const count of [table, table + 1, 2]) {
    await thisMachine.executor({ ...context, signal }).run((await planned()).slice(0, count));
  }
  await applyChange(wanted, context);
  t.is(judge("md5sum", join(root, "file"), join(root, "home/file")), sums);
  t.is(judge("findmnt", "--noheadings", "--output", "SOURCE", join(root, "data")), `${device}p6`);
  t.deepEqual((await planChange(wanted, thisMachine, signal)).difference.steps, []);
  t.is(ask("sfdisk", "--verify", device).status, 0);
  const { partitiontable } = JSON.parse(judge("sfdisk", "--json", device)) as {
    partitiontable: { partitions: { start: number; size: number }[] };
  };
  t.deepEqual(
    partitiontable.partitions.map(({ start, size }) => [start / 2048, (start + size) / 2048]),
    [
      [1, 200],
      [200, 900],
      [201, 400],
      [401, 800],
    ],
  );
});
