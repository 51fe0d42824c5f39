import test from "ava";
import { partitions } from "../../../src/devices/presets/choices.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { formatNames } from "../../../src/image/formats/registry.ts";
import type { Recipe } from "../../../src/pipeline/plan/recipe.ts";
import { fixture } from "../../steps/fixtures.ts";
import { draftOf, grub, systemdBoot } from "../drafts.ts";

/** A recipe without its reasons: who makes the disks, who installs, and what the guests do. */
function partsOf({ disks, bootloader, guests }: Recipe): unknown[] {
  return [disks.by, bootloader.by, guests.map(({ work }) => work.join(", "))];
}

for (const format of formatNames) {
  test(`every layout of ext4 as ${format} is the host's, and GRUB's program runs in one guest`, (t) => {
    for (const partition of partitions) {
      const recipe = (source = {}) => partsOf(draftOf({ partition, format }, source).recipe);
      t.deepEqual(recipe(), ["host", "nobody", []], partition);
      t.deepEqual(recipe({ installer: grub }), ["host", "guest", ["install the bootloader"]], partition);
    }
  });

  test(`where systemd-boot finds its partitions, ${format} needs no guest`, (t) => {
    const recipe = (partition: string, esp: string, boot = esp) =>
      partsOf(draftOf({ partition, format }, { installer: systemdBoot(esp, boot) }).recipe);
    t.deepEqual(recipe("efi", "/boot"), ["host", "host", []]);
    t.deepEqual(recipe("hybrid", "/boot"), ["host", "host", []]);
    t.deepEqual(recipe("efixbootldr", "/efi", "/boot"), ["host", "host", []]);
  });
}

test("a host that could install, and is not to, has nobody or a guest do it", (t) => {
  const recipe = (request: object) =>
    partsOf(draftOf({ partition: "efi", ...request }, { installer: systemdBoot("/boot") }).recipe);
  t.deepEqual(recipe({ installBootLoader: false }), ["host", "nobody", []]);
  t.deepEqual(recipe({ engine: "guest" }), ["host", "guest", ["install the bootloader"]]);
  t.deepEqual(recipe({ touchEfiVars: true }), ["host", "guest", ["install the bootloader"]]);
});

test("a root that only a kernel fills is made in a guest, and before that on the copy that an installer runs on", (t) => {
  for (const fsType of ["xfs", "btrfs", "f2fs"]) {
    const recipe = (source = {}) => draftOf({ partition: "efi", fsType }, source).recipe;
    t.deepEqual(partsOf(recipe()), ["guest", "nobody", ["make the disks"]]);
    t.deepEqual(partsOf(recipe({ installer: systemdBoot("/boot") })), ["guest", "host", ["make the disks"]]);
    const both = recipe({ installer: grub });
    t.deepEqual(partsOf(both), ["guest", "guest", ["make the disks, install the bootloader", "make the disks"]]);
    t.regex(both.disks.by === "guest" ? both.disks.reason : "", new RegExp(`^${fsType} filesystems are filled`));
    t.deepEqual(both.guests[0]?.tools, both.guests[1]?.tools);
    t.true(both.guests[0]?.tools.some((tool) => tool === `mkfs.${fsType}`));
  }
});

const trees: readonly (readonly [string, "host" | "guest"])[] = [
  ["simple-efi", "host"],
  ["msdos", "host"],
  ["tmpfs-root", "host"],
  ["luks-lvm", "guest"],
  ["lvm-raid", "guest"],
  ["raid1", "guest"],
  ["btrfs", "guest"],
];

for (const [name, by] of trees) {
  test(`the disks of the tree ${name} are made by the ${by}`, (t) => {
    const { recipe } = draftOf({}, { tree: fixture(name) });
    t.deepEqual(partsOf(recipe), [by, "nobody", by === "host" ? [] : ["make the disks"]]);
  });
}

test("shell lines of the user's run in a guest, with what they name", (t) => {
  const content = { type: "filesystem", format: "ext4", mountpoint: "/", postCreateHook: "dd if=x; no-such-tool" };
  const tree = readDeviceTree({ disk: { main: { device: "/dev/sda", content } } });
  const { disks } = draftOf({}, { tree }).recipe;
  t.like(disks, { by: "guest", reason: "shell lines of its device tree run in a guest", tools: { named: ["dd"] } });
});

test("a script makes all disks in one guest, in which the installer runs too", (t) => {
  const script = { path: "/disko", text: "wipefs -a /dev/vda; mkfs.vfat /dev/vda1" };
  const recipe = (source = {}) =>
    draftOf({ diskoScript: "/disko" }, { tree: fixture("luks-lvm"), script, ...source }).recipe;
  t.deepEqual(partsOf(recipe()), ["script", "nobody", ["run the script"]]);
  const both = recipe({ installer: grub });
  t.deepEqual(partsOf(both), ["script", "guest", ["run the script, install the bootloader"]]);
  t.like(both.disks, { reason: "/disko has made it", tools: { named: ["wipefs", "mkfs.vfat"] } });
  t.true(
    both.guests[0]?.tools.some((tool) => tool === "cryptsetup"),
    "it has to be closed again",
  );
});

test("a recipe is plain data", (t) => {
  const { recipe } = draftOf({ partition: "efi", fsType: "xfs" }, { installer: grub });
  t.deepEqual(structuredClone(recipe), recipe);
});
