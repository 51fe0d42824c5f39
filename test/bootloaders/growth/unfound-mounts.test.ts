import test from "ava";
import { describeMount, namesFor, unfoundMounts } from "../../../src/bootloaders/growth/unfound-mounts.ts";

const uuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";
const root = { names: namesFor({ label: "nixos", uuid, partlabel: "my root", partuuid: uuid }), mountpoints: ["/"] };
const boot = { names: namesFor({ label: "ESP", uuid: "1234-ABCD" }), mountpoints: ["/boot"] };

function unfound(...lines: readonly string[]): string[] {
  return unfoundMounts(lines.join("\n"), [root, boot]).map(({ mountPoint }) => mountPoint);
}

test("a name that something has is found, by every kind of name", (t) => {
  const devices = [
    "/dev/disk/by-label/nixos",
    `/dev/disk/by-uuid/${uuid}`,
    String.raw`/dev/disk/by-partlabel/my\x20root`,
    `/dev/disk/by-partuuid/${uuid.toUpperCase()}`,
    "LABEL=nixos",
    `UUID="${uuid}"`,
    `PARTUUID=${uuid}`,
  ];
  t.deepEqual(unfound(...devices.map((device) => `${device.replaceAll("\\", "\\134")} / ext4 defaults 0 1`)), []);
  t.deepEqual(unfound("/dev/disk/by-uuid/1234-abcd /boot vfat defaults"), []);
});

test("a name that nothing has, or something that is mounted elsewhere, is not found", (t) => {
  const lines = ["/dev/disk/by-label/other / ext4 defaults", "/dev/disk/by-label/nixos /boot vfat defaults"];
  t.deepEqual(unfound(...lines), ["/", "/boot"]);
  t.deepEqual(unfound("UUID=f222513b-ded1-49fa-b591-000000000000 none swap defaults"), ["none"]);
  t.is(
    describeMount({ device: "LABEL=s", mountPoint: "none", type: "swap", options: [] }),
    "its swap space at LABEL=s",
  );
});

test("what need not be there, and devices that are no names, are not judged", (t) => {
  t.deepEqual(
    unfound(
      "/dev/disk/by-label/data /data ext4 nofail",
      "/dev/disk/by-label/usb /usb ext4 noauto,user",
      "/dev/vda2 / ext4 defaults",
      "/dev/mapper/pool-root / ext4 defaults",
      "tank/root / zfs defaults",
      "tmpfs /tmp tmpfs defaults",
      "/persist/home /home none bind",
      "# LABEL=comment / ext4",
    ),
    [],
  );
});
