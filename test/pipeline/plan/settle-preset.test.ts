import test from "ava";
import type { BootFirmware } from "../../../src/bootloaders/boot-firmware.ts";
import type { Installer } from "../../../src/bootloaders/installer.ts";
import type { Partition } from "../../../src/devices/presets/choices.ts";
import { MkimageError } from "../../../src/base/errors.ts";
import type { Blueprint } from "../../../src/pipeline/plan/blueprint.ts";
import type { RawRequest } from "../../../src/request/parse.ts";
import { draftOf, grub, systemdBoot } from "../drafts.ts";

// What a request leaves open follows from the system's bootloader and its fstab.

const firmware = (known: Partial<BootFirmware>): BootFirmware => ({
  loader: "GRUB",
  bios: false,
  uefi: false,
  esp: undefined,
  xbootldr: undefined,
  readsFatOnly: false,
  ...known,
});

interface System {
  readonly installer?: Installer;
  readonly firmware?: BootFirmware;
  readonly fstab?: string;
}

function blueprintOf(system: System, request: RawRequest = {}): Blueprint {
  return draftOf(request, { installer: grub, ...system }).blueprint;
}

/** Every filesystem of the only disk: where it is mounted, its format, its label, its UUID. */
function filesystemsOf({ tree }: Blueprint): string[] {
  const content = Object.values(tree.disk)[0]?.content;
  const partitions = content?.type === "gpt" ? Object.values(content.partitions) : [];
  const listed = content?.type === "table" ? content.partitions : partitions;
  return listed.flatMap(({ content: inner }) => {
    if (inner?.type !== "filesystem") return [];
    return [`${inner.mountpoint ?? "-"} ${inner.format} ${inner.label ?? "-"} ${inner.uuid ?? "-"}`];
  });
}

const root = "/ ext4 nixos f222513b-ded1-49fa-b591-20ce86a2fe7f";

const layouts: readonly (readonly [
  what: string,
  system: System,
  partition: Partition,
  note: RegExp,
  filesystems: readonly string[],
])[] = [
  ["systemd-boot", { installer: systemdBoot("/boot") }, "efi", /systemd-boot.*at \/boot;/, ["/boot vfat ESP -", root]],
  [
    "systemd-boot whose ESP is elsewhere",
    { installer: systemdBoot("/efi") },
    "efi",
    /systemd-boot.*at \/efi;/,
    ["/efi vfat ESP -", root],
  ],
  [
    "systemd-boot with XBOOTLDR",
    { installer: systemdBoot("/efi", "/boot") },
    "efixbootldr",
    /at \/efi and XBOOTLDR at \/boot/,
    ["/efi vfat ESP -", "/boot vfat BOOT -", root],
  ],
  ["GRUB for BIOS", { firmware: firmware({ bios: true }) }, "legacy", /GRUB is for BIOS;/, [root]],
  [
    "GRUB for BIOS and a /boot of its own",
    { firmware: firmware({ bios: true }), fstab: "LABEL=boot /boot vfat defaults" },
    "legacy+boot",
    /\/boot is a filesystem of its own/,
    ["/boot vfat boot -", root],
  ],
  [
    "limine for BIOS",
    { firmware: firmware({ loader: "limine", bios: true, readsFatOnly: true }) },
    "legacy+boot",
    /limine reads FAT only/,
    ["/boot vfat BOOT -", root],
  ],
  [
    "GRUB for UEFI",
    { firmware: firmware({ uefi: true, esp: "/boot/efi" }) },
    "efi",
    /at \/boot\/efi;/,
    ["/boot/efi vfat ESP -", root],
  ],
  [
    "GRUB for both",
    { firmware: firmware({ bios: true, uefi: true, esp: "/boot" }) },
    "hybrid",
    /for BIOS and for UEFI/,
    ["/boot vfat ESP -", root],
  ],
];

for (const [what, system, partition, note, filesystems] of layouts) {
  test(`${what}: the partition table is ${partition}, which is said with the reason`, (t) => {
    const blueprint = blueprintOf(system);
    t.is(blueprint.request.partition, partition);
    t.deepEqual(filesystemsOf(blueprint), filesystems);
    t.is(blueprint.notes.length, 1);
    t.regex(blueprint.notes[0] ?? "", new RegExp(`^the partition table is ${partition.replace("+", "\\+")}, since`));
    t.regex(blueprint.notes[0] ?? "", note);
  });
}

test("a table that is asked for is taken, and nothing is said", (t) => {
  const { request, notes } = blueprintOf({ firmware: firmware({ bios: true }) }, { partition: "legacy+gpt" });
  t.is(request.partition, "legacy+gpt");
  t.deepEqual(notes, []);
});

test("identifiers are those of the same table when it is asked for", (t) => {
  const system = { firmware: firmware({ bios: true, uefi: true }) };
  t.is(blueprintOf(system).seed, blueprintOf(system, { partition: "hybrid" }).seed);
});

const unknown: Installer = { kind: "unknown", command: "/install", reason: "mkimage does not know its installer /x" };

test("a bootloader that nothing is known of is refused with the choices", (t) => {
  const error = t.throws(() => blueprintOf({ installer: unknown }), { instanceOf: MkimageError });
  t.is(error?.code, "BAD_REQUEST");
  t.regex(error?.message ?? "", /by what firmware.*does not know its installer \/x/);
  for (const choice of ["efi", "efixbootldr", "legacy", "legacy+boot", "hybrid"])
    t.true(
      error?.details.some((line) => line.startsWith(`--partition ${choice}: `)),
      choice,
    );
  t.notThrows(() => blueprintOf({ installer: unknown }, { partition: "efi" }));
});

test("where none is to be installed, any will do", (t) => {
  const { request, notes } = blueprintOf({ installer: unknown }, { installBootLoader: false });
  t.is(request.partition, "legacy");
  t.regex(notes.join(), /legacy, since no bootloader is to be installed/);
  const none: Installer = { kind: "none", command: undefined, reason: "the system has no bootloader" };
  t.regex(blueprintOf({ installer: none }).notes.join(), /legacy, since the system has no bootloader/);
});

test("an image without a system has the table that was asked for, or the oldest", (t) => {
  const { request, notes } = draftOf({ root: "/tree" }).blueprint;
  t.is(request.partition, "legacy");
  t.deepEqual(notes, []);
});

const uuid = "0b9ab5a0-1111-4222-8333-123456789abc";

test("filesystems are made and called as the fstab has them", (t) => {
  const fstab = "/dev/disk/by-label/my\\x20root / xfs defaults\n/dev/disk/by-uuid/12AB-34CD /boot vfat umask=0077\n";
  const blueprint = blueprintOf({ installer: systemdBoot("/boot"), fstab });
  t.deepEqual(filesystemsOf(blueprint), [
    "/boot vfat ESP 12AB-34CD",
    "/ xfs my root f222513b-ded1-49fa-b591-20ce86a2fe7f",
  ]);
  t.regex(blueprint.notes.join("\n"), /the root filesystem is xfs, labelled my root, as the system's fstab/);
  const byUuid = blueprintOf({ installer: systemdBoot("/boot"), fstab: `UUID=${uuid} / auto defaults\n` });
  t.is(filesystemsOf(byUuid)[1], `/ ext4 nixos ${uuid}`);
  t.regex(byUuid.notes.join("\n"), new RegExp(`with the UUID ${uuid}, as the system's fstab`));
});

test("what is asked for wins over the fstab", (t) => {
  const fstab = "/dev/disk/by-label/data / btrfs defaults\n";
  const asked = { fsType: "ext4", label: "mine", rootFsuid: uuid.toUpperCase() };
  const blueprint = blueprintOf({ installer: systemdBoot("/boot"), fstab }, asked);
  t.is(filesystemsOf(blueprint)[1], `/ ext4 mine ${uuid}`);
  t.regex(blueprint.notes.join("\n"), /the root filesystem is ext4, and the system's fstab has btrfs there/);
});

test("a label that FAT cannot have, and a UUID that is none, are not taken", (t) => {
  const fstab = "LABEL=longer-than-fat /boot vfat defaults\nUUID=1234 / ext4 defaults\n";
  t.deepEqual(filesystemsOf(blueprintOf({ installer: systemdBoot("/boot"), fstab })), ["/boot vfat ESP -", root]);
});

test("a root that no partition table holds, and further disks, are told", (t) => {
  const fstab = [
    "pool/root / zfs defaults",
    "/dev/sdb1 /srv ext4 defaults",
    "/dev/sdc1 /media/usb auto nofail",
    "tmpfs /tmp tmpfs defaults",
    "/srv /mnt none bind",
    "/dev/sdd1 none swap defaults",
  ];
  const { notes } = blueprintOf({ installer: systemdBoot("/boot"), fstab: fstab.join("\n") });
  t.is(notes.length, 3);
  t.regex(notes[1] ?? "", /the root filesystem is ext4, and the system's fstab has zfs there: it may not boot/);
  t.regex(notes[2] ?? "", /the system mounts \/srv at \/dev\/sdb1, for which .* no partition: it may not boot/);
});
