import test from "ava";
import type { ReadFilesystem } from "../../../src/inspect/filesystem.ts";
import { RawDisk } from "../../../src/image/raw-disk.ts";
import { DiskBytes } from "../../../src/image/disk-bytes.ts";
import type { BootEntryFacts } from "../../../src/inspect/facts.ts";
import { byteString } from "../../../src/base/byte-string.ts";
import { bootWishes } from "../../../src/inspect/verify/boot-wishes.ts";
import { type LookedFor, lookForWishes } from "../../../src/inspect/verify/look-for-wishes.ts";
import type { VolumeOfDisk } from "../../../src/inspect/verify/volume-of-disk.ts";
import { folder } from "../../filesystems/ext4/trees.ts";

const system = "00000000000000000000000000000000-system";
const linux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

interface Shape {
  readonly type?: string;
  readonly uuid?: string;
  readonly label?: string;
  readonly purpose?: string;
  readonly root?: ReadFilesystem["root"];
}

function volume(number: number, { type, uuid, label, purpose = linux, root }: Shape): VolumeOfDisk {
  const partition = { number, first: 0, last: 1, name: `part-${number}`, type: purpose, guid: "", attributes: [] };
  const filesystem = { size: 1, freeBytes: 1, needsRecovery: false, structures: [], faults: [] };
  return {
    partition,
    bytes: new DiskBytes(new RawDisk(-1, byteString("")), 0, 0),
    signature: { type: type ?? null, uuid: uuid ?? null, label: label ?? null, version: null, table: null },
    filesystem: root === undefined ? null : { ...filesystem, root },
    fault: null,
    name: `partition ${number}`,
    partitionUuid: `0badcafe-0${number}`,
  };
}

/** The findings of a menu with these kernel command lines on these partitions. */
function lookFor(options: readonly string[], volumes: readonly VolumeOfDisk[], loader = "GRUB"): LookedFor {
  const entry = { title: "", source: "", isDefault: true, kernel: null, initrd: [], missing: [] };
  const entries = options.map((each): BootEntryFacts => ({ ...entry, options: each }));
  const loaders = loader === "" ? [] : [{ name: loader, place: "boot code of the disk" }];
  const boot = { firmware: ["bios" as const], loaders, entries, faults: [], hasMenu: loader !== "" };
  return lookForWishes(bootWishes(boot), volumes);
}

const esp = volume(1, { type: "vfat", uuid: "ABCD-1234", root: folder({}) });
const stores = {
  "/": folder({ nix: folder({ store: folder({ [system]: folder({}) }) }) }),
  "/nix": folder({ store: folder({ [system]: folder({}) }) }),
  "/nix/store": folder({ [system]: folder({}) }),
};
const init = `quiet init=/nix/store/${system}/init`;
const nothing = { faults: [], unknown: [] };

test("a system is found wherever its store is mounted", (t) => {
  for (const [where, root] of Object.entries(stores))
    t.deepEqual(lookFor([init], [esp, volume(2, { type: "ext4", root })]), nothing, where);
});

test("a system is missed where a partition has lost its filesystem, and in a store that lacks it", (t) => {
  t.deepEqual(lookFor([init, init], [esp, volume(2, {})]).faults, [
    `/nix/store/${system} is nowhere; no filesystem was found in partition 2`,
  ]);
  const root = folder({ nix: folder({ store: folder({}) }) });
  t.deepEqual(lookFor([init], [esp, volume(2, { type: "ext4", root })]).faults, [`/nix/store/${system} is nowhere`]);
});

test("a system that may be where mkimage does not read is no fault, and is said", (t) => {
  for (const type of ["btrfs", "crypto_LUKS", "LVM2_member", "zfs_member"]) {
    const { faults, unknown } = lookFor([init], [esp, volume(2, { type }), volume(3, {})]);
    t.deepEqual(faults, [], type);
    t.deepEqual(unknown, [`/nix/store/${system} was not looked for in partition 2 (${type})`]);
  }
});

test("a system that comes out of an initrd is no fault", (t) => {
  t.deepEqual(lookFor([init], [esp]), nothing);
  const biosBoot = volume(2, { purpose: "21686148-6449-6E6F-744E-656564454649" });
  const swap = volume(3, { purpose: "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F" });
  t.deepEqual(lookFor([init], [esp, biosBoot, swap, volume(4, { type: "swap" })]), nothing);
});

test("root= is found by everything that a disk carries", (t) => {
  const volumes = [esp, volume(2, { type: "btrfs", uuid: "aa-bb", label: "nixos" })];
  for (const root of ["UUID=AA-BB", "LABEL=nixos", "PARTUUID=0BADCAFE-02", "PARTLABEL=part-2"]) {
    t.deepEqual(lookFor([`root=${root} ro`], volumes), nothing, root);
    const link = `/dev/disk/by-${root.replace("=", "/").replace(/^[A-Z]+/, (kind) => kind.toLowerCase())}`;
    t.deepEqual(lookFor([`ro root="${link}"`], volumes), nothing, link);
  }
});

test("root= that names nothing, or a partition with nothing in it, is a fault", (t) => {
  t.deepEqual(lookFor(["root=LABEL=nixos"], [esp]).faults, ["root=LABEL=nixos is nowhere"]);
  t.deepEqual(lookFor(["root=PARTUUID=0badcafe-02"], [esp, volume(2, {})]).faults, [
    "root=PARTUUID=0badcafe-02 is nowhere; no filesystem was found in partition 2",
  ]);
});

test("root= inside of layers is not looked for, nor what only the machine knows", (t) => {
  t.deepEqual(lookFor(["root=UUID=cc"], [esp, volume(2, { type: "crypto_LUKS" })]).faults, []);
  for (const root of ["/dev/sda2", "/dev/mapper/root", "ZFS=rpool/root", "UUID=${uuid}", "fstab", "/dev/nfs"])
    t.deepEqual(lookFor([`root=${root}`], [esp, volume(2, {})]), nothing, root);
});

test("a loader without a menu is a fault where a partition has lost its filesystem", (t) => {
  t.deepEqual(lookFor([], [volume(1, {})], "GRUB").faults, [
    "the menu of GRUB is nowhere; no filesystem was found in partition 1",
  ]);
  t.deepEqual(lookFor([], [volume(1, {})], ""), nothing, "without a loader it is an empty partition");
  t.deepEqual(lookFor([], [esp], "systemd-boot"), nothing, "a menu may be empty");
});
