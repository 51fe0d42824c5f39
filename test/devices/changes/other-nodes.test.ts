import test from "ava";
import { commandsOf } from "../../steps/fixtures.ts";
import { refused } from "../../../src/devices/changes/difference.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { requireApplicable } from "../../../src/machine/change-disks.ts";
import type { MkimageError } from "../../../src/base/errors.ts";
import { differenceOf, madeFrom, withFacts } from "./found-disks.ts";

const ext4 = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint });

const thin = (size: string) =>
  readDeviceTree({
    disk: {
      main: {
        device: "/dev/sda",
        content: { type: "gpt", partitions: { pv: { size: "3G", content: { type: "lvm_pv", vg: "pool" } } } },
      },
    },
    lvm_vg: {
      pool: {
        type: "lvm_vg",
        lvs: {
          "data.pool": { size: "2G", lvm_type: "thin-pool" },
          data: { size, lvm_type: "thinlv", pool: "data.pool", content: ext4("/data") },
        },
      },
    },
  });

const msdos = (partition: object) =>
  readDeviceTree({
    disk: { main: { device: "/dev/sda", content: { type: "table", format: "msdos", partitions: [partition] } } },
  });

const gpt = (root: object) =>
  readDeviceTree({
    disk: {
      main: { device: "/dev/sda", content: { type: "gpt", partitions: { root: { content: ext4("/"), ...root } } } },
    },
  });

test("the filesystem of a volume is looked at, whatever dots its and other names have", (t) => {
  const { nodes } = differenceOf(thin("512M"), madeFrom(thin("1G")));
  t.true(nodes.some(({ path }) => path === "lvm_vg.pool.lvs.data.content"));
});

test("apply refuses all that is refused, by name", (t) => {
  const found = madeFrom(thin("1G"));
  const full = withFacts(found, { "lvm_vg.pool.lvs.data.content": { smallest: 2 ** 30 } });
  t.notThrows(() => requireApplicable(differenceOf(thin("512M"), found)));
  const error = t.throws<MkimageError>(() => requireApplicable(differenceOf(thin("512M"), full)));
  t.is(error?.code, "REFUSED_DEVICE");
  t.regex([error?.message, ...(error?.details ?? [])].join("\n"), /lvm_vg\.pool\.lvs\.data/);
});

test("a partition of an MBR keeps its type: another one could be a record of the table in place of data", (t) => {
  const place = { start: "1MiB", end: "2000MiB" };
  const xfs = { ...place, content: { type: "filesystem", format: "xfs", mountpoint: null } };
  const { steps } = differenceOf(msdos({ ...place, "part-type": "extended", flags: ["lba"] }), madeFrom(msdos(xfs)));
  t.notRegex(JSON.stringify(steps), /type=/);
});

test("a partition with another UUID than the tree gives is not that partition, whatever its label", (t) => {
  const uuid = (digit: string) => `${digit.repeat(8)}-2222-4333-8444-555555555555`;
  const found = madeFrom(gpt({ size: "1G", uuid: uuid("3") }));
  const difference = differenceOf(gpt({ size: "1500M", uuid: uuid("1") }), found);
  t.notRegex(JSON.stringify(difference.steps), /:size=/);
});

test("a table is changed only while its partitions are where and as large as they were", (t) => {
  const { steps } = differenceOf(gpt({ size: "1500M" }), madeFrom(gpt({ size: "1G" })));
  t.deepEqual(refused({ nodes: [] }), []);
  t.regex(JSON.stringify(steps), /1:start=2048\+2097152/);
});

const layout = (partitions: readonly object[]) =>
  readDeviceTree({ disk: { main: { device: "/dev/sda", content: { type: "table", format: "msdos", partitions } } } });
const primary = (start: string, end: string) => ({ start, end, content: ext4(`/${start}`) });
const extended = (end: string) => ({ "part-type": "extended", start: "500MiB", end });
const logical = (start: string, end: string) => ({ "part-type": "logical", ...primary(start, end) });
const installed = [
  primary("1MiB", "400MiB"),
  extended("3000MiB"),
  logical("501MiB", "1000MiB"),
  logical("1001MiB", "2000MiB"),
];

const refusalsOf = (wanted: readonly object[], destroy: readonly string[] = []) =>
  refused(differenceOf(layout(wanted), madeFrom(layout(installed)), destroy)).map(
    ({ path, refusal }) => `${path}: ${refusal}`,
  );

for (const [what, wanted, reason] of [
  [
    "a primary partition into the extended one",
    installed.with(0, primary("1MiB", "600MiB")),
    /\[0\]: another partition is in its place|overlap/,
  ],
  [
    "a logical partition into the next one",
    installed.with(2, logical("501MiB", "1500MiB")),
    /another partition is in its place|overlap/,
  ],
  [
    "a logical partition out of the extended one",
    installed.with(3, logical("1001MiB", "3200MiB")),
    /no free space in an extended partition/,
  ],
  [
    "the extended partition away from its logical ones",
    installed.with(1, extended("1500MiB")),
    /no free space in an extended partition/,
  ],
  [
    "a primary partition in place of the extended one",
    installed.toSpliced(1, 3, primary("500MiB", "3000MiB")),
    /\[1\]/,
  ],
] as const) {
  test(`msdos: ${what} is refused`, (t) => {
    const said = refusalsOf(wanted);
    t.true(
      said.some((one) => reason.test(one)),
      said.join("\n"),
    );
  });
}

test("msdos: a partition grows beside logical ones that the tree does not have", (t) => {
  const grown = [primary("1MiB", "499MiB"), extended("3000MiB"), installed[2] ?? {}];
  const { steps, nodes } = differenceOf(layout(grown), madeFrom(layout(installed)));
  t.deepEqual(refused({ nodes }), []);
  t.regex(JSON.stringify(steps), /1:size=/);
});

test("msdos: a logical partition comes behind the last one, and a table gets no extended one", (t) => {
  const path = "disk.main.content.partitions";
  const added = differenceOf(layout(installed), madeFrom(layout(installed.slice(0, 3))));
  t.deepEqual(refused(added), []);
  t.regex(JSON.stringify(added.steps), /"6:add=start=/);
  t.like(added.after.nodes.get(`${path}[3]`), { device: "/dev/sda6" });
  t.deepEqual(differenceOf(layout(installed), added.after).steps, []);
  const without = differenceOf(layout(installed), madeFrom(layout(installed.slice(0, 1))));
  t.regex(
    refused(without)
      .map((one) => `${one.path}: ${one.refusal}`)
      .join("\n"),
    /\[1\]: an extended partition is not added/,
  );
});

test("msdos: neither a logical partition goes nor the extended one, be they named", (t) => {
  const path = "disk.main.content.partitions";
  t.regex(refusalsOf(installed.slice(0, 3), [`${path}[3]`]).join("\n"), /a logical partition does not go/);
  t.regex(refusalsOf(installed.slice(0, 1), [`${path}[1]`]).join("\n"), /logical partitions, which would go with it/);
});

for (const sectorSize of [512, 4096] as const) {
  test(`a table on an array of disks with sectors of ${sectorSize} bytes counts in these`, (t) => {
    const member = { size: "1G", content: { type: "mdraid", name: "data" } };
    const tree = (size: string) =>
      readDeviceTree({
        disk: { main: { device: "/dev/sda", content: { type: "gpt", partitions: { a: member, b: member } } } },
        mdadm: { data: { level: 1, content: { type: "gpt", partitions: { root: { size, content: ext4("/") } } } } },
      });
    const there = madeFrom(tree("512M"));
    const root = "mdadm.data.content.partitions.root";
    const node = there.nodes.get(root);
    const table = there.nodes.get("mdadm.data.content");
    if (node === undefined || table === undefined) return t.fail();
    const found = {
      ...there,
      nodes: new Map([
        ...there.nodes,
        ["mdadm.data.content", { ...table, sectorSize }],
        [root, { ...node, place: { offset: 2 ** 20, number: 1 } }],
      ]),
    };
    const sectors = (bytes: number) => String(bytes / sectorSize);
    const { steps } = differenceOf(tree("768M"), found);
    const [written] = commandsOf(steps, "change_table");
    t.is(
      written,
      `change_table /dev/md/data 1:start=${sectors(2 ** 20)}+${sectors(2 ** 29)} 1:size=${sectors(3 * 2 ** 28)}`,
    );
  });
}
