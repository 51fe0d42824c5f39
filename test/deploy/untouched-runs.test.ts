import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { disksAlone } from "../../src/deploy/alone.ts";
import { untouchedRunsOf } from "../../src/deploy/untouched-runs.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { Run } from "../../src/image/extent.ts";
import { temporaryFolder } from "../image/folder.ts";
import { makeSuperblock } from "../devices/make-superblock.ts";
import { draftOf } from "../pipeline/drafts.ts";

const filesystem = (format: string, extraArgs: readonly string[] = []) => ({
  type: "filesystem",
  format,
  mountpoint: "/",
  extraArgs,
});
const whole = (content: object) => ({
  imageSize: "512M",
  content: { type: "gpt", partitions: { only: { size: "100%", content } } },
});

/** The runs of a tree's first disk, with a partition that begins with a text. */
function runsOf(t: ExecutionContext, tree: object, data: (start: number) => readonly Run[], text = "", at = 8192) {
  const { plan } = draftOf({}, { tree: readDeviceTree(tree) });
  const { layout } = plan;
  const [disk] = layout.disks;
  if (disk === undefined) throw new Error("a tree without a disk");
  const [partition] = disk.table?.partitions ?? [];
  const start = (partition?.first ?? 0) * disk.sectorSize;
  const end = ((partition?.last ?? 0) + 1) * disk.sectorSize;
  const path = join(temporaryFolder(t), "disk");
  writeFileSync(path, "");
  truncateSync(path, disk.size);
  const file = openSync(path, "r+");
  writeSync(file, text, start + at, "latin1");
  closeSync(file);
  return { runs: untouchedRunsOf(plan, disk, data(start), path), start, end, layout };
}

for (const format of ["btrfs", "xfs"]) {
  test(`what is written of ${format} is kept with a MiB around it, and both ends`, (t) => {
    const tree = { disk: { main: whole(filesystem(format)) } };
    const { runs, start, end } = runsOf(t, tree, (from) => [
      { offset: from + 65536, length: 4096 },
      { offset: from + 64 * MiB, length: MiB },
    ]);
    t.deepEqual(runs, [
      { offset: start + MiB + 65536 + 4096, length: 62 * MiB - 65536 - 4096 },
      { offset: start + 66 * MiB, length: end - MiB - start - 66 * MiB },
    ]);
  });
}

const volume = { lvs: { root: { size: "100%", content: filesystem("xfs") } } };
const inGroup = {
  disk: { main: whole({ type: "lvm_pv", vg: "pool" }) },
  lvm_vg: { pool: volume },
};
const text = `pool {
extent_size = 8192
pe_start = 2048
segment1 {
start_extent = 0
extent_count = 10

type = "striped"
stripe_count = 1

stripes = [
"pv0", 5
]
}
`;

test("both ends of each volume of a group are kept, whether something is written there or not", (t) => {
  const { runs, start, end } = runsOf(t, inGroup, () => [], text);
  // The volume goes from extent 5 to 15 of 4 MiB, behind the first MiB.
  t.deepEqual(runs, [
    { offset: start + MiB, length: 19 * MiB },
    { offset: start + 22 * MiB, length: 38 * MiB },
    { offset: start + 62 * MiB, length: end - MiB - start - 62 * MiB },
  ]);
});

test("of a half of a mirror all is kept that was written, and both ends of what it holds", (t) => {
  const { runs, start, end } = runsOf(t, array(1), () => [], makeSuperblock({ level: 1 }).toString("latin1"), 4096);
  // What the superblock says of the data: from 1 MiB to 33 MiB.
  t.deepEqual(runs, [
    { offset: start + 2 * MiB, length: 30 * MiB },
    { offset: start + 34 * MiB, length: end - MiB - start - 34 * MiB },
  ]);
});

test("a mirror whose superblock is another is sent whole", (t) => {
  const superblock = makeSuperblock({ level: 5 }).toString("latin1");
  t.deepEqual(runsOf(t, array(1), () => [], superblock, 4096).runs, []);
});

test("a mirror with more on it than a filesystem is sent whole", (t) => {
  const tree = {
    ...array(1),
    mdadm: {
      raid: { level: 1, content: { type: "gpt", partitions: { only: { size: "100%", content: filesystem("xfs") } } } },
    },
  };
  const superblock = makeSuperblock({ level: 1 }).toString("latin1");
  t.deepEqual(runsOf(t, tree, () => [], superblock, 4096).runs, []);
});

const array = (level: number) => ({
  disk: Object.fromEntries(["one", "two"].map((name) => [name, whole({ type: "mdraid", name: "raid" })])),
  mdadm: { raid: { level, content: filesystem("xfs") } },
});
const twoMembers = {
  disk: Object.fromEntries(["one", "two"].map((name) => [name, whole({ type: "lvm_pv", vg: "pool" })])),
  lvm_vg: { pool: volume },
};
for (const [name, tree] of Object.entries({
  "an array with parity": array(5),
  "a striped mirror": array(10),
  "a group of two": twoMembers,
})) {
  test(`of disks that have a part of ${name} all is sent`, (t) => {
    const { runs, layout } = runsOf(t, tree, () => []);
    t.deepEqual(runs, []);
    t.deepEqual(disksAlone(layout), []);
  });
}

for (const format of ["ext4", "vfat"]) {
  test(`holes of ${format} that the host has laid out are zeros that it may need`, (t) => {
    const tree = { disk: { main: whole(filesystem(format)) } };
    t.deepEqual(runsOf(t, tree, () => []).runs, []);
  });
}

test("a filesystem that is told of further devices is sent whole", (t) => {
  const args = ["-d", "raid1", "/dev/disk/by-partlabel/disk-other-data"];
  const tree = { disk: { main: whole(filesystem("btrfs", args)) } };
  t.deepEqual(runsOf(t, tree, () => []).runs, []);
});
