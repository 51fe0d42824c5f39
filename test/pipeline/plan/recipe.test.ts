import test from "ava";
import { partitions } from "../../../src/devices/presets/choices.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { formatNames } from "../../../src/image/formats/registry.ts";
import type { Recipe } from "../../../src/pipeline/plan/recipe.ts";
import { fixture } from "../../steps/fixtures.ts";
import type { OwnInstaller } from "../../../src/pipeline/plan/source.ts";
import { draftOf, grub, nixosInstall, systemdBoot } from "../drafts.ts";

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

test("nixos-install has one guest, in which the disks are made by our steps or by a script", (t) => {
  const source = { installer: systemdBoot("/boot"), ownInstaller: nixosInstall };
  const request = { installer: "nixos-install" };
  const { recipe } = draftOf({ ...request, partition: "efi" }, source);
  t.deepEqual(partsOf(recipe), ["nixos-install", "nixos-install", ["make the disks, run nixos-install"]]);
  t.true(recipe.guests[0]?.tools.some((tool) => tool === "mount"));
  const script = { path: "/disko", text: "mkfs.ext4 /dev/vda" };
  const tree = fixture("simple-efi");
  const scripted = draftOf({ ...request, diskoScript: "/disko" }, { ...source, tree, script, installer: grub }).recipe;
  t.deepEqual(partsOf(scripted), ["nixos-install", "nixos-install", ["run the script, run nixos-install"]]);
  const alone = draftOf({ ...request, partition: "efi", installBootLoader: false }, source).recipe;
  t.deepEqual(partsOf(alone), ["nixos-install", "nobody", ["make the disks, run nixos-install"]]);
});

test("a guest is given Nix, and what is not in the system, only where the system lacks it", (t) => {
  const recipe = (own: Partial<OwnInstaller>) =>
    draftOf(
      { installer: "nixos-install", partition: "efi" },
      { installer: systemdBoot("/boot"), ownInstaller: { ...nixosInstall, ...own } },
    ).recipe;
  const isNix = (tool: string) => tool.startsWith("nix");
  t.deepEqual(recipe({}).guests[0]?.tools.filter(isNix), []);
  const brought = recipe({ tools: ["nix", "nix-env"], storePaths: ["/nix/store/x"] });
  t.deepEqual(brought.guests[0]?.tools.filter(isNix), ["nix", "nix-env"]);
  t.like(brought.disks, { tools: { storePaths: ["/nix/store/x"] } });
});

test("a recipe is plain data", (t) => {
  const { recipe } = draftOf({ partition: "efi", fsType: "xfs" }, { installer: grub });
  t.deepEqual(structuredClone(recipe), recipe);
});
