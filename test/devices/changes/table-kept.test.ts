import test from "ava";
import { compareDisks } from "../../../src/devices/changes/compare-disks.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { block, gptDisk, msdosDisk, read } from "../found/facts.ts";

// A table is not changed where a change would lose what it has beside its partitions, or leave one that does not boot.

const partitions = [
  { first: 2048, last: 43_007, name: "a" },
  { first: 43_008, last: 83_967, name: "b" },
] as const;
const inside = [block("sda1", { mark: { type: "ext4" } }), block("sda2", { mark: { type: "ext4" } })];

function refusalsOf(disk: ReturnType<typeof block>, content: object, destroy: readonly string[] = []): string[] {
  const { found } = read([disk, ...inside]);
  const wanted = readDeviceTree({ disk: { main: { device: "/dev/sda", content } } });
  const keys = new Map([["main", found.diskKeys[0] ?? ""]]);
  const { nodes } = compareDisks({ wanted, found, disks: keys, setting: { root: "/mnt" }, destroy });
  return nodes.flatMap(({ refusal }) => refusal ?? []);
}

const ext4 = { type: "filesystem", format: "ext4" };
const gpt = (size: string) => ({
  type: "gpt",
  partitions: { a: { label: "a", size: "20M", content: ext4 }, b: { label: "b", size, content: ext4 } },
});

for (const [what, disk, reason] of [
  ["entries elsewhere", gptDisk("sda", partitions, { unusual: ["its entries are in sector 2048"] }), /2048.*sgdisk/],
  [
    "reserved attributes",
    gptDisk("sda", [partitions[0], { ...partitions[1], attributes: [5] }]),
    /partition 2 has res/,
  ],
  [
    "a label of sfdisk's dread",
    gptDisk("sda", [...partitions, { first: 3e6, last: 3e6 + 9, name: "😀" }]),
    /label of partition 3/,
  ],
] as const) {
  test(`a table with ${what} is not changed, and as it is it does no harm`, (t) => {
    const [refusal = "", ...others] = refusalsOf(disk, gpt("30M"));
    t.regex(refusal, /^a change of the table would not keep all of it/);
    t.regex(refusal, reason);
    t.deepEqual(others, []);
    t.deepEqual(refusalsOf(disk, gpt("20M")), []);
  });
}

const dos = (active: boolean) => {
  const own = partitions.map(({ first, last }, index) => ({
    first,
    last,
    number: index + 1,
    type: 0x83,
    active: index === 0 && active,
  }));
  return msdosDisk("sda", { kind: "msdos", signature: 1, partitions: own });
};
const one = { start: "1MiB", end: "21MiB", content: ext4 };
const two = { start: "21MiB", end: "41MiB", content: ext4, bootable: true };
const msdos = (...own: readonly object[]) => ({ type: "table", format: "msdos", partitions: own });

test("an msdos table does not get a second bootable partition", (t) => {
  t.deepEqual(refusalsOf(dos(true), msdos(one, two)), [
    "partition 1 is bootable, and the boot code of an MBR takes one only: sfdisk --activate /dev/sda 2 moves the flag",
  ]);
  const third = { start: "41MiB", end: "61MiB", content: ext4, bootable: true };
  t.is(refusalsOf(dos(true), msdos(one, { ...two, bootable: false }, third)).length, 1);
  t.deepEqual(refusalsOf(dos(false), msdos(one, two)), []);
  t.deepEqual(refusalsOf(dos(true), msdos({ ...one, bootable: true }, two)), [], "the tree wants both");
});
