import test from "ava";
import type { Layout } from "../../../src/layout/layout.ts";
import { MiB } from "../../../src/base/units.ts";
import { ext4, solveTree } from "./solve-tree.ts";

const whole = (content: object) => ({ content: { type: "gpt", partitions: { data: { size: "100%", content } } } });
const sizes = (layout: Layout) => layout.disks.map(({ size }) => size / MiB);
const sizeAt = (layout: Layout, mountpoint: string) =>
  (layout.filesystems.find((one) => one.mountpoints.includes(mountpoint))?.size ?? 0) / MiB;

test("LUKS adds its header: 16 MiB, or what its arguments say", (t) => {
  const disk = (extraFormatArgs: string[]) => ({
    disk: { a: whole({ type: "luks", name: "c", extraFormatArgs, content: ext4("/") }) },
  });
  t.deepEqual(sizes(solveTree(disk([]), { "/": 1000 })), [1018]);
  t.deepEqual(sizes(solveTree(disk(["--type luks1"]), { "/": 1000 })), [1004]);
  t.deepEqual(sizes(solveTree(disk(["--offset", "65536"]), { "/": 1000 })), [1034]);
  t.is(sizeAt(solveTree(disk([]), { "/": 1000 }), "/"), 1000);
});

test("a container that a btrfs elsewhere has as its second device becomes as large as its first", (t) => {
  const btrfs = { type: "btrfs", extraArgs: ["-d raid1", "/dev/mapper/second"], mountpoint: "/" };
  const layout = solveTree(
    {
      disk: {
        a: whole({ type: "luks", name: "first", content: btrfs }),
        b: whole({ type: "luks", name: "second" }),
        c: whole({ type: "luks", name: "third" }),
      },
    },
    { "/": 1000 },
  );
  t.deepEqual(sizes(layout), [1018, 1018, 19]);
});

test("swap files of btrfs come on top of what its contents need", (t) => {
  const swap = { swapfile: { size: "16M" } };
  const btrfs = { type: "btrfs", mountpoint: "/", swap, subvolumes: { "/swap": { swap: { one: { size: "1G" } } } } };
  t.is(sizeAt(solveTree({ disk: { a: whole(btrfs) } }, { "/": 1000 }), "/"), 1000 + 16 + 1024);
});

test("LVM on LUKS: a volume of 100%FREE gets what its contents need, in extents of 4 MiB", (t) => {
  const lvs = { root: { size: "100%FREE", content: ext4("/") }, home: { size: "1G", content: ext4("/home") } };
  const layout = solveTree(
    {
      disk: { a: whole({ type: "luks", name: "c", content: { type: "lvm_pv", vg: "pool" } }) },
      lvm_vg: { pool: { lvs } },
    },
    { "/": 2001, "/home": 10 },
  );
  t.deepEqual([sizeAt(layout, "/"), sizeAt(layout, "/home")], [2004, 1024]);
  t.deepEqual(sizes(layout), [2 + 16 + 1 + 2004 + 1024]);
});

test("a volume group on two disks spreads over those whose size is open", (t) => {
  const layout = solveTree(
    {
      disk: {
        a: { imageSize: "1G", ...whole({ type: "lvm_pv", vg: "pool" }) },
        b: whole({ type: "lvm_pv", vg: "pool" }),
      },
      lvm_vg: { pool: { lvs: { root: { size: "100%FREE", content: ext4("/") } } } },
    },
    { "/": 3000 },
  );
  t.deepEqual(sizes(layout), [1024, 2 + 1 + 1980]);
  t.is(sizeAt(layout, "/"), 3000);
});

test("arrays: every member holds all, its share, or its share and parity", (t) => {
  const member = whole({ type: "mdraid", name: "md" });
  const sizeOf = (level: number) => {
    const layout = solveTree(
      { disk: { a: member, b: member, c: member }, mdadm: { md: { level, content: ext4("/") } } },
      { "/": 3000 },
    );
    t.true(sizeAt(layout, "/") >= 3000 && sizeAt(layout, "/") < 3004, `level ${level}: ${sizeAt(layout, "/")}`);
    return sizes(layout)[0];
  };
  t.deepEqual([0, 1, 5].map(sizeOf), [1003, 3005, 1504]);
});

test("copies and parity of logical volumes take room", (t) => {
  const sizeWith = (volume: object) => {
    const lvs = { root: { size: "100%FREE", content: ext4("/"), ...volume } };
    return sizes(
      solveTree({ disk: { a: { content: { type: "lvm_pv", vg: "v" } } }, lvm_vg: { v: { lvs } } }, { "/": 400 }),
    )[0];
  };
  t.is(sizeWith({}), 401);
  t.is(sizeWith({ lvm_type: "raid1" }), 1 + 2 * 400 + 8);
  t.is(sizeWith({ lvm_type: "mirror", extraArgs: ["-m", "2"] }), 1 + 3 * 400 + 4);
  t.is(sizeWith({ lvm_type: "raid5" }), 1 + 3 * 204);
});

test("a group on a group: LVM on an array on partitions", (t) => {
  const member = whole({ type: "mdraid", name: "md" });
  const layout = solveTree(
    {
      disk: { a: member, b: member },
      mdadm: { md: { content: { type: "lvm_pv", vg: "v" } } },
      lvm_vg: { v: { lvs: { root: { size: "100%", content: ext4("/") } } } },
    },
    { "/": 100 },
  );
  t.deepEqual(
    layout.groups.map(({ kind }) => kind),
    ["mdadm", "lvm_vg"],
  );
  t.is(sizeAt(layout, "/"), 100);
});

test("a pool has room for its datasets and volumes", (t) => {
  const datasets = {
    root: { type: "zfs_fs", mountpoint: "/" },
    swap: { type: "zfs_volume", size: "1G", content: { type: "swap" } },
  };
  const layout = solveTree(
    { disk: { a: whole({ type: "zfs", pool: "tank" }) }, zpool: { tank: { datasets } } },
    { "/": 2000 },
  );
  t.true(sizeAt(layout, "/") >= 3024);
  t.like(layout.groups, [{ kind: "zpool", volumes: [{ name: "swap", size: 1024 * MiB, content: { kind: "swap" } }] }]);
});

/** A pool of two disks in a mirror, with what else it has, each on a disk of its own. */
function mirrorWith(others: object, disks: Readonly<Record<string, object>>) {
  const member = whole({ type: "zfs", pool: "tank" });
  const vdev = [{ mode: "mirror", members: ["a", "b"] }];
  return solveTree(
    {
      disk: {
        a: member,
        b: member,
        ...Object.fromEntries(Object.entries(disks).map(([key, disk]) => [key, { ...member, ...disk }])),
      },
      zpool: { tank: { mountpoint: "/", mode: { topology: { vdev, ...others } } } },
    },
    { "/": 2000 },
  );
}

const besides: readonly (readonly [what: string, topology: object])[] = [
  ["a cache", { cache: ["c"] }],
  ["a log", { log: [{ members: ["c"] }] }],
  ["a special device", { special: { members: ["c"] } }],
  ["a table of duplicates", { dedup: [{ members: ["c"] }] }],
];

for (const [what, topology] of besides) {
  test(`${what} of a pool is as small as ZFS takes a device, and no member becomes larger for it`, (t) => {
    const [first = 0, second, beside] = sizes(mirrorWith(topology, { c: {} }));
    t.true(first > 2000);
    t.is(second, first);
    t.is(beside, 66, "64 MiB between the copies of a table");
  });

  test(`${what} of a given size says nothing about that of the pool`, (t) => {
    const layout = mirrorWith(topology, { c: { imageSize: "100M" } });
    t.is(layout.groups[0]?.size, mirrorWith({}, {}).groups[0]?.size);
    t.deepEqual(layout.groups[0]?.members.length, 3);
  });
}

test("a spare is as large as what it stands in for", (t) => {
  const [first, second, spare] = sizes(mirrorWith({ spare: ["c"] }, { c: {} }));
  t.deepEqual([second, spare], [first, first]);
});

test("a cache on a disk that is too small for ZFS is refused", (t) => {
  t.throws(() => mirrorWith({ cache: ["c"] }, { c: { imageSize: "32M" } }), { code: "TOO_SMALL" });
});

test("a given size that does not do is refused with the size that would", (t) => {
  const tree = {
    disk: { a: { imageSize: "1G", ...whole({ type: "lvm_pv", vg: "v" }) } },
    lvm_vg: { v: { lvs: { x: { size: "50%VG", content: ext4("/") } } } },
  };
  t.throws(() => solveTree(tree, { "/": 600 }), {
    code: "TOO_SMALL",
    message: /disk a is too small: it has 1 GiB and needs 1\.2 GiB/,
  });
  t.notThrows(() => solveTree(tree, { "/": 500 }));
});

test("a partition whose size is fixed is refused when its contents need more", (t) => {
  const tree = {
    disk: { a: { content: { type: "gpt", partitions: { small: { size: "10M", content: ext4("/") } } } } },
  };
  t.throws(() => solveTree(tree, { "/": 11 }), {
    code: "TOO_SMALL",
    message: /partition small has 10 MiB, and its contents need 11 MiB/,
  });
});

test("groups that are missing, without members, or on themselves are refused", (t) => {
  const pv = (vg: string) => ({ type: "lvm_pv", vg });
  t.throws(() => solveTree({ disk: { a: whole(pv("pol")) }, lvm_vg: { pool: {} } }), {
    code: "BAD_REQUEST",
    message: /belongs to pol, which is not in lvm_vg/,
  });
  t.throws(() => solveTree({ disk: {}, lvm_vg: { pool: {} } }), {
    code: "BAD_REQUEST",
    message: /no disk leads to lvm_vg pool/,
  });
  const onItself = { lvm_vg: { pool: { lvs: { x: { size: "1G", content: pv("pool") } } } } };
  t.throws(() => solveTree({ disk: { a: whole(pv("pool")) }, ...onItself }), { code: "BAD_REQUEST" });
  t.throws(() => solveTree({ disk: { a: whole({ type: "mdraid", name: "md" }) }, mdadm: { md: { level: 6 } } }), {
    code: "BAD_REQUEST",
    message: /RAID 6 takes at least 4 members/,
  });
});
