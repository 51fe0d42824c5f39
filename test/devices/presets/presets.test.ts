import test from "ava";
import { presetTree } from "../../../src/devices/presets/presets.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { MiB } from "../../../src/base/units.ts";
import { type Partition, partitions } from "../../../src/devices/presets/choices.ts";

const guid = "F222513B-DED1-49FA-B591-20CE86A2FE7F";

function preset(partition: Partition, bootSize = 256 * MiB, sectorSize: 512 | 4096 = 512) {
  return presetTree({
    partition,
    bootSize,
    sectorSize,
    label: "nixos",
    filesystem: "ext4",
    rootGpuid: guid,
    rootFsuid: guid,
  });
}

test("a preset is a device tree that a user could have written", (t) => {
  for (const partition of partitions)
    t.deepEqual(readDeviceTree(structuredClone(preset(partition))), preset(partition));
});

test("layouts with a BIOS boot partition are refused on sectors of 4096 bytes", (t) => {
  t.throws(() => preset("hybrid", 256 * MiB, 4096), { code: "BAD_REQUEST", message: /sectors of 512 bytes/ });
  t.throws(() => preset("legacy+gpt", 256 * MiB, 4096), { code: "BAD_REQUEST", message: /sectors of 512 bytes/ });
  t.notThrows(() => preset("efi", 256 * MiB, 4096));
});

test("a boot size that leaves the boot partition no room is refused", (t) => {
  t.throws(() => preset("efixbootldr", 100 * MiB), { code: "BAD_REQUEST", message: /no room/ });
  t.throws(() => preset("efi", 8 * MiB), { code: "BAD_REQUEST" });
  t.notThrows(() => preset("legacy", 0));
});
