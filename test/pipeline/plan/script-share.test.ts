import test from "ava";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { deviceRules, unnameable } from "../../../src/pipeline/plan/device-rules.ts";
import { inKernelOrder } from "../../../src/pipeline/plan/disk-order.ts";
import { solveTree } from "../../devices/layout/solve-tree.ts";

function layoutOf(...devices: readonly string[]) {
  const disk = Object.fromEntries(
    devices.map((device, index) => [`disk${index}`, { device, imageSize: "64M", content: { type: "swap" } }]),
  );
  return solveTree({ disk });
}

test("disks and their partitions are found under the names that the tree and the bootloader have for them", (t) => {
  const bootDevices = [{ name: "/dev/disk/by-id/ata-X", disk: "disk0" }];
  t.deepEqual(deviceRules(layoutOf("/dev/sda", "/dev/nvme0n1"), bootDevices).trim().split("\n"), [
    'SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ATTR{serial}=="disk0", SYMLINK+="sda"',
    'SUBSYSTEM=="block", ENV{DEVTYPE}=="partition", ATTRS{serial}=="disk0", SYMLINK+="sda%n"',
    'SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ATTR{serial}=="disk1", SYMLINK+="nvme0n1"',
    'SUBSYSTEM=="block", ENV{DEVTYPE}=="partition", ATTRS{serial}=="disk1", SYMLINK+="nvme0n1p%n"',
    'SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ATTR{serial}=="disk0", SYMLINK+="disk/by-id/ata-X"',
    'SUBSYSTEM=="block", ENV{DEVTYPE}=="partition", ATTRS{serial}=="disk0", SYMLINK+="disk/by-id/ata-X-part%n"',
  ]);
});

test("a device whose name udev could not write is refused", (t) => {
  const tree = readDeviceTree({ disk: { a: { device: "/dev/disk/by-id/a b" }, c: { device: "/dev/sda" } } });
  t.deepEqual(unnameable(tree).length, 1);
  t.regex(unnameable(tree)[0] ?? "", /^disk\.a: .*\/dev\/disk\/by-id\/a b/);
});

test("disks that a tree calls vda and vdb are those of the guest, and others fill the places between", (t) => {
  const order = (devices: readonly string[], serials: readonly string[]) =>
    inKernelOrder(
      serials.map((serial) => ({ serial })),
      layoutOf(...devices),
    ).map(({ serial }) => serial);
  const tools = "mkimage-toolbox";
  t.deepEqual(order(["/dev/vdb", "/dev/vda"], ["disk0", "disk1", tools]), ["disk1", "disk0", tools]);
  t.deepEqual(order(["/dev/vdb"], ["disk0", tools]), [tools, "disk0"]);
  t.deepEqual(order(["/dev/sda", "/dev/vdz"], ["disk0", "disk1", tools]), ["disk0", "disk1", tools]);
});
