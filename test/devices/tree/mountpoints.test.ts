import test from "ava";
import { contentsOf } from "../../../src/devices/tree/contents.ts";
import { mountpointsOf, mountsOf } from "../../../src/devices/tree/mountpoints.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";

const ext4 = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint });
const gpt = (partitions: Record<string, object>) => ({ type: "gpt", partitions });
const mounts = (tree: object) => mountsOf(readDeviceTree(tree)).map(({ mountpoint, path }) => `${mountpoint} ${path}`);

test("partitions of both kinds of tables", (t) => {
  const efi = { size: "64M", content: { type: "filesystem", format: "vfat", mountpoint: "/boot" } };
  const table = { type: "table", partitions: [{ content: { type: "swap" } }, { content: ext4("/data") }] };
  const first = { content: gpt({ efi, root: { content: ext4("/") } }) };
  t.deepEqual(mounts({ disk: { first, second: { content: table } } }), [
    "/boot disk.first.content.partitions.efi.content",
    "/ disk.first.content.partitions.root.content",
    "/data disk.second.content.partitions[1].content",
  ]);
});

test("inside of containers, and inside of containers in containers", (t) => {
  const luks = (name: string, content: object) => ({ type: "luks", name, content });
  const tree = {
    disk: { main: { content: gpt({ crypt: { content: luks("outer", { type: "lvm_pv", vg: "pool" }) } }) } },
    lvm_vg: {
      pool: {
        lvs: { root: { size: "1G", content: ext4("/") }, safe: { size: "1G", content: luks("inner", ext4("/safe")) } },
      },
    },
    mdadm: { raid: { content: gpt({ home: { content: ext4("/home") } }) } },
    zpool: { tank: { datasets: { volume: { type: "zfs_volume", size: "1G", content: ext4("/volume") } } } },
  };
  t.deepEqual(mounts(tree), [
    "/ lvm_vg.pool.lvs.root.content",
    "/safe lvm_vg.pool.lvs.safe.content.content",
    "/home mdadm.raid.content.partitions.home.content",
    "/volume zpool.tank.datasets.volume.content",
  ]);
  t.deepEqual(
    contentsOf(readDeviceTree(tree)).map(({ node }) => node.type),
    ["gpt", "luks", "lvm_pv", "filesystem", "luks", "filesystem", "gpt", "filesystem", "filesystem"],
  );
});

test("subvolumes and datasets, but for those that are not mounted", (t) => {
  const btrfs = { type: "btrfs", subvolumes: { "/root": { mountpoint: "/" }, "/snapshots": {} } };
  const datasets = {
    home: { type: "zfs_fs", mountpoint: "/home" },
    group: { type: "zfs_fs", mountpoint: "/group", options: { mountpoint: "none" } },
  };
  const tree = {
    disk: { main: { content: btrfs } },
    zpool: {
      tank: { mountpoint: "/tank", datasets },
      other: { mountpoint: "/other", rootFsOptions: { mountpoint: "none" } },
    },
    bcachefs_filesystems: { cache: { mountpoint: "/cache", subvolumes: { inner: { mountpoint: "/inner" } } } },
  };
  t.deepEqual(mounts(tree), [
    "/ disk.main.content.subvolumes./root",
    "/cache bcachefs_filesystems.cache",
    "/inner bcachefs_filesystems.cache.subvolumes.inner",
    "/tank zpool.tank",
    "/home zpool.tank.datasets.home",
  ]);
});

test("mounts without a disk, by their own mount point or their name", (t) => {
  const nodev = { "/tmp": { fsType: "tmpfs" }, shared: { fsType: "tmpfs", mountpoint: "/run/shared" } };
  t.deepEqual(mounts({ nodev }), ["/tmp nodev./tmp", "/run/shared nodev.shared"]);
});

test("each place once", (t) => {
  const disk = { a: { content: ext4("/") }, b: { content: ext4("/") } };
  t.deepEqual(mountpointsOf(readDeviceTree({ disk })), ["/"]);
});
