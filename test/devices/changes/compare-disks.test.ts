import test from "ava";
import { GiB } from "../../../src/base/units.ts";
import { commandsOf, fixture, fixtureNames } from "../../steps/fixtures.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { differenceOf, madeFrom, oneDisk, saidOf, withFacts } from "./found-disks.ts";

const esp = { type: "EF00", size: "100M", content: { type: "filesystem", format: "vfat", mountpoint: "/boot" } };
const root = { size: "100%", content: { type: "filesystem", format: "ext4", mountpoint: "/" } };

for (const name of fixtureNames.filter((one) => !/zfs|bcachefs/.test(one))) {
  test(`${name}: the same tree again, and there is nothing to do`, (t) => {
    const tree = fixture(name);
    const difference = differenceOf(tree, madeFrom(tree));
    t.deepEqual(saidOf(difference), []);
    t.deepEqual(difference.steps, []);
  });
}

test("a partition that takes the rest grows with its disk, and what is in it after it", (t) => {
  const tree = oneDisk({ esp, root });
  const found = withFacts(madeFrom(tree), { "disk.main": { size: 8 * GiB } });
  const difference = differenceOf(tree, found);
  t.deepEqual(saidOf(difference), [
    "disk.main.root different growing size 3.9 GiB > 7.9 GiB",
    "disk.main.root different growing size 3.9 GiB > 7.9 GiB",
  ]);
  t.deepEqual(commandsOf(difference.steps), [
    "check_table /dev/sda 1:start=2048+204800 2:start=206848+8179712 2:size=16568320",
    "check_ext /dev/sda2",
    "change_table /dev/sda 1:start=2048+204800 2:start=206848+8179712 2:size=16568320",
    "partx --update /dev/sda",
    "wait_for_udev",
    "grow_ext /dev/sda2",
  ]);
  t.deepEqual(saidOf(differenceOf(tree, difference.after)), []);
});

test("a new partition goes behind one that takes the rest, to the end", (t) => {
  const old = oneDisk({ esp, root });
  const tree = oneDisk({ esp, root, swap: { size: "512M", content: { type: "swap" } } });
  const found = withFacts(madeFrom(old), { "disk.main": { size: 8 * GiB } });
  const difference = differenceOf(tree, found);
  t.deepEqual(saidOf(difference), [
    "disk.main.swap missing additive",
    "disk.main.swap missing free",
    "disk.main.root different growing size 3.9 GiB > 7.4 GiB",
    "disk.main.root different growing size 3.9 GiB > 7.4 GiB",
  ]);
  t.deepEqual(saidOf(differenceOf(tree, difference.after)), []);
});

const crypted = (content: object) => ({ type: "luks", name: "crypted", passwordFile: "/tmp/key", content });
const pv = { type: "lvm_pv", vg: "pool" };
const ext4 = (mountpoint: string, more: object = {}) => ({ type: "filesystem", format: "ext4", mountpoint, ...more });
const lvm = (lvs: object) => ({ lvm_vg: { pool: { lvs } } });

test("growing goes from the disk inwards: partition, container, physical volume, volume, filesystem", (t) => {
  const tree = oneDisk(
    { esp, luks: { size: "100%", content: crypted(pv) } },
    lvm({ root: { size: "100%FREE", content: ext4("/") } }),
  );
  const found = withFacts(madeFrom(tree), {
    "disk.main": { size: 8 * GiB },
    "lvm_vg.pool.lvs.root.content": { usedAt: ["/"] },
  });
  const difference = differenceOf(tree, found);
  t.deepEqual(
    commandsOf(
      difference.steps,
      "change_table",
      "cryptsetup",
      "pvresize",
      "lvextend",
      "require_mounted",
      "grow_mounted_ext",
      "check_ext",
    ),
    [
      "change_table /dev/sda 1:start=2048+204800 2:start=206848+8179712 2:size=16568320",
      "cryptsetup resize --key-file=- crypted",
      "pvresize /dev/mapper/crypted",
      "lvextend --yes --extents +100%FREE pool/root",
      "require_mounted /dev/pool/root /",
      "grow_mounted_ext /dev/pool/root",
    ],
  );
  t.deepEqual(saidOf(differenceOf(tree, difference.after)), []);
});

test("killed behind the partition, the rest grows by what it lacks", (t) => {
  const tree = oneDisk({ esp, root });
  const found = withFacts(madeFrom(tree, 8 * GiB), {
    "disk.main.content.partitions.root.content": { extent: 3 * GiB },
  });
  t.deepEqual(commandsOf(differenceOf(tree, found).steps), ["check_ext /dev/sda2", "grow_ext /dev/sda2"]);
});

test("a volume shrinks behind its filesystem, and only as far as that can", (t) => {
  const volumes = (size: string) =>
    oneDisk({ pv: { size: "100%", content: pv } }, lvm({ home: { size, content: ext4("/home") } }));
  const found = madeFrom(volumes("2G"));
  const difference = differenceOf(volumes("1G"), found);
  t.deepEqual(commandsOf(difference.steps), [
    "check_ext /dev/pool/home",
    "shrink_ext /dev/pool/home 1048576",
    "lvreduce --yes --force --size 1073741824b pool/home",
  ]);
  t.deepEqual(saidOf(differenceOf(volumes("1G"), difference.after)), []);
  const full = withFacts(found, { "lvm_vg.pool.lvs.home.content": { smallest: 1.5 * GiB } });
  t.deepEqual(saidOf(differenceOf(volumes("1G"), full)), [
    "lvm_vg.pool.lvs.home different shrinking size 2 GiB > 1 GiB",
    "lvm_vg.pool.lvs.home different shrinking size 2 GiB > 1 GiB REFUSED",
  ]);
  t.deepEqual(differenceOf(volumes("1G"), full).steps, []);
});

test("volumes that are missing are made where there is room, before another takes the rest", (t) => {
  const old = oneDisk({ pv: { size: "100%", content: pv } }, lvm({ root: { size: "1G", content: ext4("/") } }));
  const more = { home: { size: "1G", content: ext4("/home") }, rest: { size: "100%", content: ext4("/rest") } };
  const tree = oneDisk(
    { pv: { size: "100%", content: pv } },
    lvm({ root: { size: "1G", content: ext4("/") }, ...more }),
  );
  const difference = differenceOf(tree, madeFrom(old));
  t.deepEqual(saidOf(difference), [
    "lvm_vg.pool.lvs.home missing free",
    "lvm_vg.pool.lvs.home missing free",
    "lvm_vg.pool.lvs.rest missing free",
    "lvm_vg.pool.lvs.rest missing free",
  ]);
  t.deepEqual(commandsOf(difference.steps, "lvcreate", "mkfs.ext4"), [
    "lvcreate --yes --name home --size 1G pool",
    "mkfs.ext4 /dev/pool/home",
    "lvcreate --yes --name rest --extents 100%FREE pool",
    "mkfs.ext4 /dev/pool/rest",
  ]);
  t.deepEqual(saidOf(differenceOf(tree, difference.after)), []);
});

test("a further disk is added to a volume group", (t) => {
  const disks = (names: readonly string[]) => ({
    disk: Object.fromEntries(
      names.map((name) => [
        name,
        { device: `/dev/${name}`, content: { type: "gpt", partitions: { pv: { size: "100%", content: pv } } } },
      ]),
    ),
    ...lvm({ root: { size: "100%FREE", content: ext4("/") } }),
  });
  const old = readDeviceTree(disks(["sda"]));
  const tree = readDeviceTree(disks(["sda", "sdb"]));
  const made = madeFrom(old);
  const found = {
    ...made,
    tree: {
      ...made.tree,
      disk: { ...made.tree.disk, sdb: { ...made.tree.disk["sda"], content: null } },
    } as typeof made.tree,
    nodes: new Map([...made.nodes, ["disk.sdb", { device: "/dev/sdb", size: 4 * GiB, usedAt: [] }]]),
  };
  const difference = differenceOf(tree, found);
  t.deepEqual(
    commandsOf(difference.steps, "sgdisk", "pvcreate", "vgextend", "lvextend").map((line) => line.split(" --")[0]),
    [
      "sgdisk",
      "sgdisk",
      // Not for a group that is there.
      "pvcreate",
      "pvcreate",
      "vgextend pool /dev/sdb1",
      "lvextend",
    ],
  );
});

test("room that becomes free is shown to the kernel before anybody takes it", (t) => {
  const old = oneDisk({ root: { size: "2G", content: ext4("/") } });
  const tree = oneDisk({ root: { size: "1G", content: ext4("/") }, home: { size: "1G", content: ext4("/home") } });
  const { steps } = differenceOf(tree, madeFrom(old));
  t.deepEqual(
    commandsOf(steps, "shrink_ext", "change_table", "clear_place").map((line) => line.replace(/:add=.*/, ":add")),
    [
      "shrink_ext /dev/sda1 1048576",
      "change_table /dev/sda 1:start=2048+4194304 1:size=2097152",
      "clear_place /dev/sda 2 /dev/sda2 2099200 2097152",
      "change_table /dev/sda 1:start=2048+2097152 2:add",
    ],
  );
});
