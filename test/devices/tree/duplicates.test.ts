import test from "ava";
import { refuseDuplicates } from "../../../src/devices/tree/duplicates.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import type { MkimageError } from "../../../src/base/errors.ts";
import { solveTree } from "../layout/solve-tree.ts";

const uuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";

const ext4 = (mountpoint: string | null, more: object = {}) => ({
  size: "64M",
  content: { type: "filesystem", format: "ext4", mountpoint, ...more },
});

const gpt = (partitions: object, more: object = {}) => ({ content: { type: "gpt", partitions, ...more } });

test("two nodes with one mount point are refused, however it is written, and both are named", (t) => {
  const { message, details } = t.throws<MkimageError>(() =>
    solveTree({
      disk: { a: gpt({ x: ext4("/data"), y: ext4("/data//") }) },
      nodev: { "/data/": { fsType: "tmpfs" } },
    }),
  ) as MkimageError;
  t.is(message, "some nodes of the device tree have what only one can have");
  const nodes = [...["x", "y"].map((key) => `disk.a.content.partitions.${key}.content`), "nodev./data/"];
  t.deepEqual(details, [`${nodes.join(" and ")} have the mount point /data`]);
});

const cases: readonly (readonly [tree: object, what: string])[] = [
  [{ disk: { a: { name: "x" }, x: { imageName: "y" } } }, "the name of a disk x"],
  [{ disk: { a: { imageName: "x" }, b: { imageName: "x" } } }, "the name of an image x"],
  [{ disk: { a: { device: "/dev/sda" }, b: { device: "/dev/sda" } } }, "the device /dev/sda"],
  [{ lvm_vg: { a: { name: "x" }, x: {} } }, "the name of a volume group x"],
  [{ lvm_vg: { a: { lvs: { x: { size: "1G" }, y: { name: "x", size: "1G" } } } } }, "in a the name x"],
  [{ mdadm: { a: { uuid }, b: { uuid: uuid.toUpperCase() } } }, `the UUID ${uuid}`],
  [{ disk: { a: gpt({ x: ext4(null, { uuid }), y: ext4(null, { uuid }) }) } }, `the UUID ${uuid}`],
  [
    { disk: { a: gpt({ x: { size: "1G", uuid } }), b: gpt({}, { guid: uuid }) } },
    `the partition's or table's GUID ${uuid}`,
  ],
  [
    {
      disk: Object.fromEntries(
        ["a", "b"].map((key) => [key, { content: { type: "luks", name: "crypted", askPassword: true } }]),
      ),
    },
    "the name of a container crypted",
  ],
  [
    { disk: { a: { content: { type: "btrfs", subvolumes: { "/x": {}, y: { name: "x" } } } } } },
    "in disk.a.content the name /x",
  ],
  [
    {
      disk: {
        a: {
          content: {
            type: "btrfs",
            swap: { one: { path: "s/file", size: "1G" } },
            subvolumes: { s: { swap: { file: { size: "1G" } } } },
          },
        },
      },
    },
    "in disk.a.content the swap file /s/file",
  ],
];

for (const [tree, what] of cases) {
  test(`refused: ${what}, in ${JSON.stringify(tree).slice(0, 60)}`, (t) => {
    const error = t.throws<MkimageError>(() => refuseDuplicates(readDeviceTree(tree)));
    t.is(error?.details.length, 1);
    t.true(error?.details[0]?.endsWith(` have ${what}`), error?.details[0]);
  });
}

test("partitions whose labels come to be the same are refused: by it only one of them is found", (t) => {
  const error = t.throws<MkimageError>(() =>
    solveTree({ disk: { a: gpt({ "b-c": ext4("/") }), "a-b": gpt({ c: ext4("/data") }) } }),
  );
  const [one, other] = ["disk.a.content.partitions.b-c", "disk.a-b.content.partitions.c"];
  t.deepEqual(error?.details, [`${one} and ${other} have the label disk-a-b-c`]);
});

test("what several may share is accepted", (t) => {
  const content = (name: string) => ({ content: { type: "btrfs", subvolumes: { name: { mountpoint: name } } } });
  const tree = { disk: { a: content("/"), b: content("/data") }, lvm_vg: { a: {} }, mdadm: { a: {} } };
  t.notThrows(() => refuseDuplicates(readDeviceTree(tree)));
});
