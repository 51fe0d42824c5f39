import test from "ava";
import type { DeviceSignature } from "../../src/machine/device.ts";
import { describeDevice } from "../../src/machine/inspect-device.ts";
import { parseSignatures } from "../../src/machine/signatures.ts";
import type { SystemFolders } from "../../src/machine/system-files.ts";
import { capturedSystem, diskFiles, mappedFiles } from "./captured-system.ts";

function describe(folders: SystemFolders, name: string, signatures: readonly DeviceSignature[] = []) {
  return describeDevice(folders, { path: `/dev/${name}`, name, signatures, protectedPaths: [] });
}

test("a disk's facts come from the kernel", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("sda", "8:0", { sda1: "", sda2: "" }),
    "sys/class/block/sda/diskseq": "9\n",
    "sys/class/block/sda/device/vpd_pg80": "\0\x80\0\x14S45NNA0M123456      ",
    "dev/disk/by-id/ata-SAMSUNG_S45NNA0M123456": "-> ../../sda",
    "dev/disk/by-id/ata-SAMSUNG_S45NNA0M123456-part1": "-> ../../sda1",
    "dev/disk/by-id/wwn-0x5002538e": "-> ../../sda",
  });
  t.like(describe(folders, "sda"), {
    number: "8:0",
    sequence: "9",
    model: "SAMSUNG MZ7LH960",
    serial: "S45NNA0M123456",
    size: 64 * 1024 ** 3,
    sectorSize: 512,
    readOnly: false,
    canDiscard: true,
    partitionOf: undefined,
    byIdPaths: ["/dev/disk/by-id/ata-SAMSUNG_S45NNA0M123456", "/dev/disk/by-id/wwn-0x5002538e"],
  });
  t.deepEqual(
    describe(folders, "sda").partitions.map(({ name }) => name),
    ["sda1", "sda2"],
  );
  t.deepEqual(describe(folders, "sda").users, []);
  t.is(describe(folders, "sda1").partitionOf, "sda");
});

test("a mount is found through its device number, and through its source where the number is the filesystem's own", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("sda", "8:0", { sda1: "", sda2: "" }),
    "proc/self/mountinfo": [
      "25 1 8:1 / /boot\\040files rw,relatime shared:1 - ext4 /dev/sda1 rw",
      "26 1 0:31 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home",
      "27 1 0:5 / /proc rw - proc proc rw",
    ].join("\n"),
  });
  t.deepEqual(describe(folders, "sda").users, [
    { kind: "mount", device: "sda2", mountPoint: "/home" },
    { kind: "mount", device: "sda1", mountPoint: "/boot files" },
  ]);
});

test("every device of a btrfs is mounted, though the mount names only one", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("sda", "8:0", { sda1: "" }),
    ...diskFiles("sdb", "8:16"),
    ...diskFiles("sdc", "8:32"),
    "sys/fs/btrfs/features/raid1c34": "0\n",
    "sys/fs/btrfs/6e2d/devices/sda1": "/",
    "sys/fs/btrfs/6e2d/devices/sdb": "/",
    "proc/self/mountinfo": "25 1 0:31 / / rw - btrfs /dev/sda1 rw",
  });
  t.deepEqual(describe(folders, "sdb").users, [{ kind: "mount", device: "sdb", mountPoint: "/" }]);
  t.true(describe(folders, "sdb").holds.some(({ path }) => path === "/"));
  t.deepEqual(describe(folders, "sdc").users, []);
});

test("LUKS, the LVM on it, its swap and its mount all count as users of the disk, what is on top first", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("nvme0n1", "259:0", { nvme0n1p1: "", nvme0n1p2: "dm-0" }),
    ...mappedFiles("dm-0", {
      number: "254:0",
      mapped: "secret",
      uuid: "CRYPT-LUKS2-1234",
      below: "nvme0n1p2",
      above: "dm-1",
    }),
    ...mappedFiles("dm-1", { number: "254:1", mapped: "vg-root", uuid: "LVM-abcd", below: "dm-0" }),
    "proc/self/mountinfo": "25 1 254:1 / / rw - ext4 /dev/mapper/vg-root rw",
    "proc/swaps": "Filename Type Size Used Priority\n/dev/dm-1 partition 1 0 -2\n",
  });
  const device = describe(folders, "nvme0n1");
  t.deepEqual(device.users, [
    { kind: "mount", device: "dm-1", mountPoint: "/" },
    { kind: "swap", device: "dm-1" },
    { kind: "lvm", device: "dm-0", name: "vg-root" },
    { kind: "crypt", device: "nvme0n1p2", name: "secret" },
  ]);
  t.true(device.holds.some(({ what, path }) => what === "the running system" && path === "/"));
});

test("a member of a RAID array and a path of a multipath device are in use", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("sda", "8:0", { sda1: "md127" }),
    ...diskFiles("sdb", "8:16"),
    "sys/class/block/md127/dev": "9:127\n",
    "sys/class/block/md127/md/level": "raid1\n",
    "sys/class/block/sdb/holders/dm-3": "/",
    ...mappedFiles("dm-3", { number: "254:3", mapped: "mpatha", uuid: "mpath-3600", below: "sdb" }),
  });
  t.deepEqual(describe(folders, "sda").users, [{ kind: "md", device: "sda1", name: "md127" }]);
  t.deepEqual(describe(folders, "sdb").users, [{ kind: "multipath", device: "sdb", name: "mpatha" }]);
});

test("a ZFS member is in use when its pool is imported, and not otherwise", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("sda", "8:0", { sda1: "", sda2: "" }),
    "proc/spl/kstat/zfs/tank/state": "ONLINE\n",
  });
  const signatures = [
    { device: "sda1", type: "zfs_member", label: "tank" },
    { device: "sda2", type: "zfs_member", label: "old" },
  ];
  t.deepEqual(describe(folders, "sda", signatures).users, [{ kind: "zfs", device: "sda1", pool: "tank" }]);
});

test("a physical volume that is empty is in use when its group is active, and not otherwise", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("sda", "8:0", { sda1: "dm-0", sda2: "", sda3: "" }),
    ...mappedFiles("dm-0", { number: "254:0", mapped: "a--group-root", uuid: "LVM-abcd", below: "sda1" }),
  });
  const signatures = ["a-group", "a-group", "other"].map((label, index) => ({
    device: `sda${index + 1}`,
    type: "LVM2_member",
    label,
  }));
  t.deepEqual(describe(folders, "sda", signatures).users, [
    { kind: "lvm", device: "sda1", name: "a--group-root" },
    { kind: "group", device: "sda2", group: "a-group" },
  ]);
});

test("the disk below a loop device, below a root filesystem, holds the system", (t) => {
  const folders = capturedSystem(t, {
    ...diskFiles("sda", "8:0", { sda1: "" }),
    "sys/class/block/loop0/dev": "7:0\n",
    "sys/class/block/loop0/loop/backing_file": "/host/root.img\n",
    "proc/self/mountinfo": ["25 1 7:0 / / rw - ext4 /dev/loop0 rw", "26 25 8:1 / /host rw - ntfs /dev/sda1 rw"].join(
      "\n",
    ),
  });
  t.true(describe(folders, "sda").holds.some(({ path }) => path === "/"));
});

test("a signature that has several places is named once", (t) => {
  const json = JSON.stringify({
    signatures: [
      { device: "loop0", type: "gpt", label: null },
      { device: "loop0", type: "gpt", label: null },
      { device: "loop0p1", type: "ext4", label: "root" },
    ],
  });
  t.deepEqual(parseSignatures(json), [
    { device: "loop0", type: "gpt", label: undefined },
    { device: "loop0p1", type: "ext4", label: "root" },
  ]);
  t.deepEqual(parseSignatures(""), []);
});
