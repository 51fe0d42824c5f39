import test from "ava";
import { isTool } from "../../src/runtime/tools.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { filesystemsOf } from "../../src/steps/needed-filesystems.ts";
import { toolsOf } from "../../src/devices/steps/script.ts";
import { modesOf } from "../../src/steps/modes.ts";
import { fixture, fixtureNames, fixtureSteps } from "./fixtures.ts";

test("the tools of steps: those of their commands, guards and functions", (t) => {
  const { create, mount, destroy } = fixtureSteps("simple-efi");
  t.deepEqual(toolsOf(create), [
    "blkid",
    "dd",
    "grep",
    "lsblk",
    "mkfs.ext4",
    "mkfs.vfat",
    "mkswap",
    "od",
    "partprobe",
    "partx",
    "sfdisk",
    "sgdisk",
    "tail",
    "wipefs",
  ]);
  t.deepEqual(toolsOf(mount), ["findmnt", "lsblk", "mount", "partprobe", "sfdisk", "swapon"]);
  t.true(toolsOf(destroy).includes("wipefs"));
});

test("the tools that say whose member a device is are among them", (t) => {
  t.true(toolsOf(fixtureSteps("lvm-raid").create).includes("pvs"));
  t.true(toolsOf(fixtureSteps("raid1").mount).includes("mdadm"));
  t.true(toolsOf(fixtureSteps("luks").create).includes("cryptsetup"));
});

test("a thin pool needs the program that LVM has look at it", (t) => {
  t.true(toolsOf(fixtureSteps("lvm-thin").create).includes("thin_check"));
});

test("every tool of every fixture has a package", (t) => {
  for (const name of fixtureNames) {
    const { create, mount, unmount, destroy } = fixtureSteps(name);
    for (const tool of toolsOf([...create, ...mount, ...unmount, ...destroy])) t.true(isTool(tool), tool);
  }
});

test("the filesystems that steps take of the kernel: those that they mount, and ZFS for pools", (t) => {
  const { create, mount } = fixtureSteps("simple-efi");
  t.deepEqual(filesystemsOf(create), []);
  t.deepEqual(filesystemsOf(mount), ["ext4", "vfat"]);
  t.deepEqual(filesystemsOf(fixtureSteps("btrfs").create), ["btrfs"], "subvolumes are made in a mounted filesystem");
  t.deepEqual(filesystemsOf(fixtureSteps("bcachefs").mount), ["bcachefs"]);
  t.deepEqual(filesystemsOf(fixtureSteps("zfs-mirror").create), ["zfs"]);
  t.deepEqual(filesystemsOf(fixtureSteps("tmpfs-root").mount), ["ext4", "tmpfs"], "and nothing for a bind mount");
});

test("the kernel modules of a tree", (t) => {
  t.deepEqual(modulesOf(fixture("raid1")), ["ext4", "md_mod", "raid1"]);
  t.deepEqual(modulesOf(fixture("lvm-thin")), ["dm_mod", "dm_thin_pool", "ext4"]);
  t.true(modulesOf(fixture("lvm-on-luks")).includes("dm_crypt"));
  t.deepEqual(modulesOf(fixture("f2fs-xfs")), ["f2fs", "xfs"]);
});

test("modes, in the order in which they are done, and by their older names", (t) => {
  t.deepEqual(modesOf("mount,format,destroy"), ["destroy", "format", "mount"]);
  t.deepEqual(modesOf("disko"), ["destroy", "format", "mount"]);
  t.deepEqual(modesOf("zap_create_mount"), ["destroy", "format", "mount"]);
  t.deepEqual(modesOf("create"), ["format"]);
  t.deepEqual(modesOf("unmount"), ["unmount"]);
  for (const wrong of ["", "wipe", "format,", "format,wipe"]) t.is(modesOf(wrong), undefined);
});
