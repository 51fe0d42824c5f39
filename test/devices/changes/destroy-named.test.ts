import test, { type ExecutionContext } from "ava";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { compareDisks } from "../../../src/devices/changes/compare-disks.ts";
import { block, gptDisk, msdosDisk, read } from "../found/facts.ts";

// A path that is named to be destroyed means one node, whatever else has changed since; and what is shown is all of it.

const empty = readDeviceTree({ disk: { main: { device: "/dev/sda", content: { type: "gpt", partitions: {} } } } });
const emptyMsdos = readDeviceTree({
  disk: { main: { device: "/dev/sda", content: { type: "table", format: "msdos", partitions: [] } } },
});

const ext4 = (name: string) => block(name, { mark: { type: "ext4" } });
const bounds = [
  { first: 2048, last: 43_007 },
  { first: 43_008, last: 83_967 },
  { first: 83_968, last: 124_927 },
] as const;

function refusals(disks: Parameters<typeof read>[0], destroy: string, wanted = empty): string[] {
  const { found } = read(disks);
  const keys = new Map([["main", found.diskKeys[0] ?? ""]]);
  const { nodes, steps } = compareDisks({ wanted, found, disks: keys, setting: { root: "/mnt" }, destroy: [destroy] });
  const said = nodes.flatMap(({ refusal }) => refusal ?? []);
  return said.length === 0 ? steps.map(({ title }) => title) : said;
}

function gpt(...names: readonly string[]) {
  const disk = gptDisk(
    "sda",
    names.map((name, index) => ({ ...bounds[index], name })),
  );
  return [disk, ...names.map((_, index) => ext4(`sda${index + 1}`))];
}

const path = (key: string) => `disk.main.content.partitions.${key}`;

function refused(t: ExecutionContext, said: readonly string[], reason: RegExp): void {
  t.true(
    said.some((one) => reason.test(one)),
    said.join("\n"),
  );
}

test("a label that one partition has names it", (t) => {
  refused(t, refusals(gpt("a", "data", "b"), path("data")), /^wipe \/dev\/sda2$/);
});

test("two partitions of one label: the path would be the other's when the first has gone", (t) => {
  refused(
    t,
    refusals(gpt("a", "data", "data"), path("data")),
    /label "data" does not tell it from others.*change-name=2:NAME/,
  );
});

test("a label that the path does not say as it is, and one that it does", (t) => {
  refused(t, refusals(gpt("a b", "c", "a_b"), path("a_b")), /label "a b" does not tell it from others/);
});

test("a label without its disk is the path of another one as soon as all that are left have the disk", (t) => {
  const said = refusals(gpt("disk-main-root", "disk-main-old", "old"), path("old"));
  refused(t, said, /label "old" does not tell it from others.*change-name=3:NAME/);
  refused(t, refusals(gpt("disk-main-root", "disk-main-a-old", "a-old"), path("a-old")), /label "a-old" does not tell/);
  refused(t, refusals(gpt("disk-main-root", "disk-main-old", "b"), path("disk-main-old")), /^wipe \/dev\/sda2$/);
  refused(t, refusals(gpt("disk-main-root", "disk-main-old", "b"), path("b")), /^wipe \/dev\/sda3$/);
  refused(t, refusals(gpt("disk-main-root", "disk-main-old"), path("old")), /^wipe \/dev\/sda2$/);
});

test("an msdos table: partition 3 is not named by the place that 2 had", (t) => {
  const one = { type: 0x83, active: false };
  const partitions = [
    { number: 1, ...bounds[0], ...one },
    { number: 3, ...bounds[2], ...one },
  ];
  const disk = msdosDisk("sda", { kind: "msdos", signature: 1, partitions });
  const said = refusals([disk, ext4("sda1"), ext4("sda3")], "disk.main.content.partitions[1]", emptyMsdos);
  refused(t, said, /it is partition 3, and its path counts 2/);
});

test("a table whose partitions overlap is not changed", (t) => {
  const disk = gptDisk("sda", [
    { ...bounds[0], name: "a" },
    { first: 43_000, last: 83_967, name: "b" },
  ]);
  refused(t, refusals([disk, ext4("sda1"), ext4("sda2")], path("b")), /damaged.*its partitions 1 and 2 overlap/);
});

for (const mark of ["jbd", "xfs_external_log"]) {
  test(`a filesystem elsewhere may need what is marked ${mark}`, (t) => {
    const [disk, a, , b] = gpt("a", "log", "b");
    const blocks = [disk, a, block("sda2", { mark: { type: mark } }), b].filter((one) => one !== undefined);
    refused(t, refusals(blocks, path("log")), /a filesystem elsewhere may need it/);
  });
}

test("partitions that the kernel does not know are not shown, so that their disk is not let go", (t) => {
  const [disk] = gpt("a", "secret");
  const unread = { ...disk, partitions: [] } as NonNullable<typeof disk>;
  const wanted = readDeviceTree({
    disk: { main: { device: "/dev/sda", content: { type: "filesystem", format: "ext4", mountpoint: "/" } } },
  });
  refused(
    t,
    refusals([unread], "disk.main.content", wanted),
    /there is no device for it, so that what is in it is not known/,
  );
});

test("disks are told apart by the order in which they were asked for, whatever their names are", (t) => {
  const disks = [gptDisk("sdb", [{ ...bounds[0], name: "x" }]), gptDisk("sda", [{ ...bounds[0], name: "y" }])];
  const { found } = read(disks, { disks: ["sdb", "sda"] });
  t.deepEqual(found.diskKeys, ["sdb", "sda"]);
  t.deepEqual(
    found.diskKeys.map((key) => found.nodes.get(`disk.${key}`)?.device),
    ["/dev/sdb", "/dev/sda"],
  );
  const numbered = read([block("9", {}), block("10", {})], { disks: ["9", "10"] });
  t.deepEqual(numbered.found.diskKeys, ["9", "10"]);
});
