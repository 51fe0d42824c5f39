import test from "ava";
import { describeDeviceStep, udevEncoded } from "../../src/guest/device-record.ts";

const partition = {
  disk: "target",
  number: 2,
  scheme: "gpt",
  type: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  uuid: "11111111-2222-4333-8444-000000000002",
  name: "EFI system",
} as const;

test("a partition gets the links that udev makes", (t) => {
  const { argv } = describeDeviceStep("target", partition, { type: "vfat", uuid: "ABCD-1234", label: "ESP" });
  t.deepEqual(argv.slice(0, argv.indexOf("--")), [
    "/vm/describe-device",
    "target",
    "2",
    "disk/by-partuuid/11111111-2222-4333-8444-000000000002",
    "disk/by-partlabel/EFI\\x20system",
    "disk/by-uuid/ABCD-1234",
    "disk/by-label/ESP",
  ]);
});

test("bootctl finds the properties by which it knows an EFI system partition", (t) => {
  const { argv } = describeDeviceStep("target", partition, { type: "vfat", uuid: "ABCD-1234" });
  const properties = new Set(argv.slice(argv.indexOf("--") + 1));
  for (const expected of [
    "ID_FS_TYPE=vfat",
    "ID_PART_ENTRY_SCHEME=gpt",
    "ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    "ID_PART_ENTRY_UUID=11111111-2222-4333-8444-000000000002",
    "ID_PART_ENTRY_NUMBER=2",
  ]) {
    t.true(properties.has(expected), expected);
  }
});

test("a whole disk has the names that the bootloader knows it by", (t) => {
  const { argv } = describeDeviceStep("target", undefined, undefined, ["/dev/disk/by-id/ata-X"]);
  t.deepEqual(argv, ["/vm/describe-device", "target", "", "/dev/disk/by-id/ata-X", "--", "DEVTYPE=disk"]);
});

test("what is no plain character is written as udev writes it", (t) => {
  t.is(udevEncoded("a b/c"), "a\\x20b\\x2fc");
  t.is(udevEncoded("größe"), "größe");
});
