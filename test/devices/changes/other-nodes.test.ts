import test from "ava";
import { refused } from "../../../src/devices/changes/difference.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { requireApplicable } from "../../../src/machine/change-disks.ts";
import type { MkimageError } from "../../../src/base/errors.ts";
import { differenceOf, madeFrom } from "./found-disks.ts";

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

test("nothing is made smaller", (t) => {
  const difference = differenceOf(thin("512M"), madeFrom(thin("1G")));
  const error = t.throws<MkimageError>(() => requireApplicable(difference));
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
