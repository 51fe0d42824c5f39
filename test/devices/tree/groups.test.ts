import test from "ava";
import type { MkimageError } from "../../../src/base/errors.ts";
import { requireGroups } from "../../../src/devices/tree/groups.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { treeSteps } from "../../../src/devices/steps/tree-steps.ts";
import { solveTree } from "../layout/solve-tree.ts";

const onDisk = (content: object) => ({ main: { device: "/dev/vda", content } });

test("members of groups that are there, at any depth", (t) => {
  const pv = { type: "luks", name: "crypt", content: { type: "lvm_pv", vg: "pool" } };
  const raid = { lvs: { one: { size: "1G", content: { type: "mdraid", name: "array" } } } };
  t.notThrows(() =>
    requireGroups(readDeviceTree({ disk: onDisk(pv), lvm_vg: { pool: raid }, mdadm: { array: { level: 1 } } })),
  );
});

test("a group goes by its own name, not by its key", (t) => {
  const tree = readDeviceTree({ disk: onDisk({ type: "lvm_pv", vg: "pool" }), lvm_vg: { pool: { name: "other" } } });
  t.like(
    t.throws<MkimageError>(() => requireGroups(tree)),
    {
      message: "disk.main.content belongs to pool, which is not in lvm_vg",
      hint: "lvm_vg has other",
    },
  );
});

test("every member without a group is told at once", (t) => {
  const partitions = {
    a: { content: { type: "zfs", pool: "tank" } },
    b: { content: { type: "mdraid", name: "array" } },
  };
  t.like(
    t.throws<MkimageError>(() => requireGroups(readDeviceTree({ disk: onDisk({ type: "gpt", partitions }) }))),
    {
      message: "disk.main.content.partitions.a.content belongs to tank, which is not in zpool",
      details: ["disk.main.content.partitions.b.content belongs to array, which is not in mdadm"],
      hint: "add zpool.tank to the tree",
    },
  );
});

test("a group that lies on itself, by way of another, is refused when it is solved and when it is made alike", (t) => {
  const tree = {
    disk: onDisk({ type: "lvm_pv", vg: "pool" }),
    lvm_vg: { pool: { lvs: { one: { size: "1G", content: { type: "mdraid", name: "array" } } } } },
    mdadm: { array: { content: { type: "lvm_pv", vg: "pool" } } },
  };
  const message = "lvm_vg.pool lies on itself: lvm_vg.pool > mdadm.array > lvm_vg.pool";
  t.is(t.throws<MkimageError>(() => treeSteps("mount", readDeviceTree(tree), { root: "/mnt" })).message, message);
  t.is(t.throws<MkimageError>(() => solveTree(tree)).message, message);
});
