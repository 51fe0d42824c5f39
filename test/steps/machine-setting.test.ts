import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { machineSetting } from "../../src/machine/machine-setting.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { solveTree } from "../devices/layout/solve-tree.ts";

const partition = (size: string, more: object = {}) => ({ size, ...more });

const refused: Readonly<Record<string, object>> = {
  "two partitions of 100%": { disk: disk({ a: partition("100%"), b: partition("100%") }) },
  "one of 100% behind one that takes all": { disk: disk({ a: partition("0"), b: partition("100%") }) },
  "partitions that overlap": { disk: disk({ a: partition("1G"), b: partition("1G", { start: "1M" }) }) },
  "four partitions in a hybrid MBR": {
    disk: disk(Object.fromEntries("abcd".split("").map((key) => [key, partition("1M", { hybrid: {} })]))),
  },
  "a flag that parted does not know": {
    disk: { x: { device: "/dev/x", content: { type: "table", partitions: [{ name: "a", flags: ["bot"] }] } } },
  },
  "a volume group without a member": { disk: disk({ a: partition("1G") }), lvm_vg: { pool: {} } },
  "one mount point twice": {
    disk: disk({ a: partition("1G") }),
    nodev: { "/tmp": { fsType: "tmpfs" }, t: { fsType: "tmpfs", mountpoint: "/tmp" } },
  },
};

function disk(partitions: object): object {
  return { x: { device: "/dev/x", content: { type: "gpt", partitions } } };
}

for (const [title, tree] of Object.entries(refused)) {
  test(`disks are formatted by the rules by which images are planned: ${title}`, (t) => {
    const planned = t.throws<MkimageError>(() => solveTree(tree));
    const wishes = { root: "/mnt", formats: true };
    const formatted = t.throws<MkimageError>(() => machineSetting(readDeviceTree(tree), [], wishes));
    t.is(planned?.code, "BAD_REQUEST");
    t.deepEqual([formatted?.message, formatted?.details], [planned?.message, planned?.details]);
  });
}

test("a tree is mounted by the same rule, and what cannot be made can still be unmounted and destroyed", (t) => {
  const tree = readDeviceTree(refused["one mount point twice"]);
  const setting = { root: "/mnt", devices: {} };
  for (const mode of ["format", "mount"] as const)
    t.throws(() => treeSteps(mode, tree, setting), { message: /only one can have/ });
  for (const mode of ["unmount", "destroy"] as const) t.notThrows(() => treeSteps(mode, tree, setting));
});

test("trees of any other kind are formatted where their disks are not there", (t) => {
  const tree = readDeviceTree({
    disk: { x: { device: "/dev/x", imageSize: "1M" }, ...disk({ a: partition("100G") }) },
  });
  t.is(machineSetting(tree, [], { root: "/mnt", formats: true }).layout, undefined);
});
