import test from "ava";
import { GiB, MiB } from "../../../src/base/units.ts";
import type { BootFirmware } from "../../../src/bootloaders/boot-firmware.ts";
import { machineOf } from "../../../src/pipeline/plan/machine.ts";
import { settleVariant } from "../../../src/pipeline/plan/settle-variant.ts";
import { parseRequest, type RawRequest } from "../../../src/request/parse.ts";
import type { VariantSettings } from "../../../src/variants/settings.ts";
import { draftOf } from "../drafts.ts";

const silent: VariantSettings = { unheard: [], impossible: [] };
const firmwareFor = (bios: boolean, uefi: boolean): BootFirmware => {
  return { loader: "a loader", bios, uefi, esp: undefined, xbootldr: undefined, readsFatOnly: false };
};

function settle(asked: RawRequest, said?: Partial<VariantSettings>, firmware?: BootFirmware) {
  const variant = said === undefined ? undefined : { ...silent, ...said };
  return settleVariant(parseRequest({}, asked), { variant, system: { firmware } });
}

function refusal(asked: RawRequest, said?: Partial<VariantSettings>): readonly string[] {
  try {
    settle(asked, said);
    return [];
  } catch (error) {
    return (error as { details: readonly string[] }).details;
  }
}

test("without a variant the request is as it was", (t) => {
  const asked = parseRequest({}, { format: "vdi" });
  t.is(settleVariant(asked, { variant: undefined, system: undefined }).request, asked);
});

for (const [what, asked, said, firmware, partition] of [
  ["what the user asks for", { partition: "efi" }, { partition: "legacy" }, firmwareFor(true, false), "efi"],
  ["then what the variant's configuration says", {}, { partition: "efi" }, firmwareFor(true, false), "efi"],
  ["then what the bootloader starts from, UEFI", {}, undefined, firmwareFor(false, true), "efi"],
  ["then what the bootloader starts from, BIOS", {}, undefined, firmwareFor(true, false), "legacy+gpt"],
  ["and else its first table", {}, undefined, undefined, "legacy+gpt"],
] as const) {
  test(`the table of a variant is ${what}`, (t) => {
    t.is(settle({ variant: "amazon", ...asked }, said, firmware).request.partition, partition);
  });
}

test("a bootloader for both has the table for both, where the variant has that", (t) => {
  t.is(settle({ variant: "proxmox" }, undefined, firmwareFor(true, true)).request.partition, "hybrid");
  t.is(settle({ variant: "google-compute" }, undefined, firmwareFor(true, true)).request.partition, "legacy");
});

test("what the user gives wins, be it the default", (t) => {
  const defaults = { size: "auto", additionalSpace: "512M", bootSize: "256M", baseName: "nixos" };
  const said = { size: 4096, additionalSpace: 30_720, bootSize: "300M", baseName: "nixos-image-web" };
  const { request, notes } = settle({ variant: "google-compute", ...defaults }, said);
  t.like(request, { size: "auto", additionalSpace: 512 * MiB, bootSize: 256 * MiB, baseName: "nixos" });
  t.deepEqual(notes, []);
});

test("sizes and the file's name are the configuration's, unless the user says others", (t) => {
  const said = { size: 4096, additionalSpace: 30_720, bootSize: "300M", baseName: "nixos-image-web" };
  const { request, notes } = settle({ variant: "google-compute" }, said);
  t.like(request, {
    size: 4 * GiB,
    additionalSpace: 30 * GiB,
    bootSize: 300 * MiB,
    baseName: "nixos-image-web",
  });
  t.deepEqual(notes, ["the size is 4 GiB, as the variant's configuration says; --size gives it another"]);
  const own = { size: "2G", additionalSpace: "1G", bootSize: "200M", baseName: "own" };
  t.like(settle({ variant: "google-compute", ...own }, said).request, {
    size: 2 * GiB,
    additionalSpace: GiB,
    bootSize: 200 * MiB,
    baseName: "own",
  });
  t.is(settle({ variant: "oci" }, { size: "auto", baseName: "no/name" }).request.size, "auto");
  t.is(settle({ variant: "oci" }, { baseName: "no/name" }).request.baseName, "nixos");
});

test("what no such image can be is refused, with all faults at once", (t) => {
  t.deepEqual(refusal({ variant: "google-compute", partition: "hybrid", size: "5500M" }), [
    '--partition: google-compute starts from legacy, efi (given: "hybrid")',
    "--size: google-compute takes a multiple of 1 GiB (given: 5767168000 bytes)",
  ]);
  t.deepEqual(refusal({ variant: "amazon" }, { impossible: ["ec2.zfs.enable"] }), [
    "--variant: no such amazon image is made with ec2.zfs.enable; leave it off, or build it with Nix",
  ]);
});

test("options that are not heard are named", (t) => {
  const unheard = [
    "virtualisation.azureImage.contents",
    "virtualisation.linodeImage.configFile",
    "virtualbox.extraDisk",
  ];
  const { notes } = settle({ variant: "azure" }, { unheard });
  t.deepEqual(notes, [
    "virtualisation.azureImage.contents is not heard; --contents adds files",
    "virtualisation.linodeImage.configFile is not heard; --config-file adds it",
    "virtualbox.extraDisk is not heard",
  ]);
});

for (const [what, asked, fault] of [
  ["a format", { format: "vdi" }, "--variant: amazon says what the image is; drop --format"],
  [
    "a compression, a tree and a map",
    { compress: "gzip", devices: "tree.json", bmap: true },
    "--variant: amazon says what the image is; drop --compress, --devices, --bmap",
  ],
] as const) {
  test(`a variant says itself what ${what} would say`, (t) => {
    const error = t.throws(() => parseRequest({}, { variant: "amazon", ...asked })) as unknown as { details: string[] };
    t.true(error.details.includes(fault), error.details.join("\n"));
  });
}

test("a raw variant may have a block map", (t) => {
  t.notThrows(() => parseRequest({}, { variant: "raw", bmap: true }));
});

for (const [name, meant] of [
  ["googl-compute", /there is no such variant; did you mean google-compute\? \(given: "googl-compute"\)/],
  ["lxc", /no disk image is made of lxc: a container has no disk; nix build /],
  ["iso", /no disk image is made of iso: it is an installation medium/],
  ["openstack-zfs", /its root is on ZFS; describe the pool in disko\.devices/],
  ["nonsense", /there is no such variant; there are amazon, azure, /],
] as const) {
  test(`${name} is no variant, and what to use is said`, (t) => {
    const error = t.throws(() => parseRequest({}, { variant: name })) as unknown as { details: string[] };
    t.regex(error.details.join("\n"), meant);
  });
}

test("an automatic size is a multiple of what the cloud takes, and at least what it wants", (t) => {
  const sizeOf = (variant: string) => draftOf({ variant, root: "unused" }).plan.layout.disks[0]?.size;
  t.is(sizeOf("google-compute"), GiB);
  t.is(sizeOf("oci"), 8 * GiB);
  t.is((sizeOf("azure") ?? 1) % MiB, 0);
  t.is(draftOf({ variant: "oci", root: "unused", size: "9G" }).plan.layout.disks[0]?.size, 9 * GiB);
  const google = draftOf({ variant: "google-compute", root: "unused", additionalSpace: "1500M" });
  t.is(google.plan.layout.disks[0]?.size, 2 * GiB);
  t.true((google.plan.filesystems[0]?.plan.freeBytes ?? 0) > 1800 * MiB, "the root reaches to the end of the disk");
});

test("the machine that an archive describes is the configuration's", (t) => {
  const said = { machine: { name: "web", memory: 4096, settings: { cores: "4" } } };
  const { blueprint } = draftOf(
    { variant: "proxmox", partition: "efi", root: "unused" },
    { variant: { ...silent, ...said } },
  );
  t.deepEqual(machineOf(blueprint), {
    name: "web",
    firmware: "uefi",
    memory: 4096,
    processors: 1,
    settings: { cores: "4" },
  });
  const firmwareOf = (partition: string, bios: string) => {
    const variant = { ...silent, machine: { settings: { bios } } };
    const { firmware, settings } = machineOf(
      draftOf({ variant: "proxmox", partition, root: "unused" }, { variant }).blueprint,
    );
    t.deepEqual(settings, {});
    return firmware;
  };
  t.is(firmwareOf("efi", "seabios"), "uefi", "the table is the user's, and decides");
  t.is(firmwareOf("legacy", "ovmf"), "bios");
  t.is(firmwareOf("hybrid", "ovmf"), "uefi", "the table is for both");
  t.is(firmwareOf("hybrid", "seabios"), "bios");
  t.like(machineOf(draftOf({ variant: "virtualbox", root: "unused", baseName: "own" }).blueprint), {
    name: "own",
    firmware: "bios",
    settings: {},
  });
});
