import test from "ava";
import type { Growth } from "../../../src/bootloaders/growth/finding.ts";
import { growthFaults, linesToAdd } from "../../../src/pipeline/plan/growth-faults.ts";
import { ext4, solveTree } from "../../devices/layout/solve-tree.ts";

const grows: Growth = {
  partition: { how: "growpart", reason: "growpart.service runs at boot" },
  filesystem: { how: "growfs", reason: "x-systemd.growfs in /etc/fstab" },
};
const stays: Growth = {
  partition: { how: null, reason: "nothing calls it" },
  filesystem: { how: null, reason: "nothing calls it" },
};
const linuxGeneric = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

const gpt = (partitions: Record<string, object>) => solveTree(diskWith({ type: "gpt", partitions }));
const diskWith = (content: object) => ({ disk: { main: { imageSize: "1G", content } } });
const swap = { size: "64M", content: { type: "swap" } };
const rootLast = gpt({ swap, root: { size: "100%", content: ext4("/") } });

test("a root at the end, in a system that grows, has no fault", (t) => {
  t.deepEqual(growthFaults(rootLast, grows), []);
});

test("everything that a system lacks is named at once, with the lines to add", (t) => {
  t.is(growthFaults(rootLast, stays).length, 2);
  t.deepEqual(linesToAdd(stays), ["boot.growPartition = true;", `fileSystems."/".autoResize = true;`]);
  t.deepEqual(linesToAdd({ ...stays, partition: grows.partition }), [`fileSystems."/".autoResize = true;`]);
});

test("a root that is not the last partition cannot grow", (t) => {
  const layout = gpt({
    root: { size: "512M", priority: 1, content: ext4("/") },
    data: { size: "100%", priority: 2, content: ext4("/data") },
  });
  t.deepEqual(growthFaults(layout, grows), ["partition 2 lies behind the root, partition 1"]);
});

test("a root inside of a container is none that growpart can grow", (t) => {
  const luks = { type: "luks", name: "crypt", content: ext4("/") };
  t.regex(growthFaults(gpt({ root: { size: "100%", content: luks } }), grows)[0] ?? "", /partition of its own/);
});

test("a filesystem that does not grow while mounted is named", (t) => {
  const f2fs = { type: "filesystem", format: "f2fs", mountpoint: "/" };
  t.deepEqual(growthFaults(gpt({ root: { size: "100%", content: f2fs } }), grows), [
    "the root's filesystem is f2fs, which cannot grow while mounted",
  ]);
});

test("a disk without a table needs no partition to grow", (t) => {
  const layout = solveTree(diskWith(ext4("/")));
  t.deepEqual(growthFaults(layout, { ...grows, partition: stays.partition }), []);
});

test("systemd-repart grows partitions of its definitions' types, in a GPT", (t) => {
  const by = (types: string[]): Growth => ({ ...grows, partition: { how: "repart", reason: "repart.d", types } });
  t.deepEqual(growthFaults(rootLast, by([linuxGeneric])), []);
  t.regex(growthFaults(rootLast, by(["4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"]))[0] ?? "", /has the type 0FC63DAF/);
  const mbr = solveTree(
    diskWith({ type: "table", format: "msdos", partitions: [{ start: "1M", end: "100%", content: ext4("/") }] }),
  );
  t.regex(growthFaults(mbr, by([linuxGeneric]))[0] ?? "", /the disk has an MBR/);
});

test("no system, no growth", (t) => {
  t.deepEqual(growthFaults(rootLast, undefined), ["there is no system that could grow itself"]);
});
