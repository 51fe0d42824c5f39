import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage, type Report, reportOf, testFolder } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

interface Layout {
  readonly partition: string;
  readonly variant: string;
  readonly engine: "host" | "guest";
  readonly firmware: readonly ("bios" | "efi")[];
  readonly mounts: { readonly boot?: string; readonly efi?: string; readonly root: string };
}

const ext4 = (device: string): string => `/dev/${device}:ext4:nixos`;
const vfat = (device: string, label: string): string => `/dev/${device}:vfat:${label}`;

const layouts: readonly Layout[] = [
  { partition: "legacy", variant: "grub", engine: "guest", firmware: ["bios"], mounts: { root: ext4("vda1") } },
  {
    partition: "legacy+boot",
    variant: "grub",
    engine: "guest",
    firmware: ["bios"],
    mounts: { root: ext4("vda2"), boot: vfat("vda1", "BOOT") },
  },
  { partition: "legacy+gpt", variant: "grub", engine: "guest", firmware: ["bios"], mounts: { root: ext4("vda2") } },
  {
    partition: "efi",
    variant: "systemd-boot",
    engine: "host",
    firmware: ["efi"],
    mounts: { root: ext4("vda2"), boot: vfat("vda1", "ESP") },
  },
  {
    partition: "efixbootldr",
    variant: "systemd-boot-xbootldr",
    engine: "host",
    firmware: ["efi"],
    mounts: { root: ext4("vda3"), boot: vfat("vda2", "BOOT"), efi: vfat("vda1", "ESP") },
  },
  {
    partition: "hybrid",
    variant: "grub-both",
    engine: "guest",
    firmware: ["bios", "efi"],
    mounts: { root: ext4("vda3"), boot: vfat("vda1", "ESP") },
  },
];

/** Have what hybrid has too; the first boots as one of nixpkgs' examples. */
const inLong = ["legacy+gpt", "legacy+boot"];
/** `mkimage run` boots these. */
const bootedElsewhere = ["legacy", "efi"];

for (const layout of layouts.filter(({ partition }) => isLong || !inLong.includes(partition))) {
  test.serial(`${layout.partition}: other programs read it as planned, and it boots`, async (t) => {
    const out = join(testFolder(t), "out");
    const request = ["--partition", layout.partition, "--additional-space", "64M", "--out", out];
    await mkimage(t, ["build", demoSystem(layout.variant), ...request]);
    const report = reportOf(out);
    const image = join(out, "nixos.img");
    t.is(report.bootloader.engine, layout.engine, report.bootloader.reason);
    t.true(report.reproducible);
    judgeTable(t, image, report);
    judgeFilesystems(t, image, report, out);
    for (const firmware of isLong || !bootedElsewhere.includes(layout.partition) ? layout.firmware : [])
      await judgeBoot(t, image, firmware, layout);
  });
}

test.serial("none: a bare filesystem with the system in it", async (t) => {
  const out = join(testFolder(t), "out");
  await mkimage(t, ["build", demoSystem("none"), "--partition", "none", "--out", out, "--additional-space", "64M"]);
  judge("e2fsck", "-fn", join(out, "nixos.img"));
  const listing = judge("debugfs", "-R", "ls -p /nix/store", join(out, "nixos.img"));
  t.true(listing.includes("nixos-system-demo-none"), listing);
});

interface SfdiskTable {
  readonly partitiontable: {
    readonly id: string;
    readonly partitions: readonly {
      readonly start: number;
      readonly size: number;
      readonly uuid?: string;
      readonly name?: string;
    }[];
  };
}

function judgeTable(t: ExecutionContext, image: string, report: Report): void {
  const table = (JSON.parse(judge("sfdisk", "-J", image)) as SfdiskTable).partitiontable;
  const planned = [...(report.disks[0]?.table?.partitions ?? [])].sort((a, b) => a.number - b.number);
  const seen = table.partitions.map(({ start, size, uuid, name }) => ({
    first: start,
    last: start + size - 1,
    guid: uuid,
    name,
  }));
  t.deepEqual(
    seen.map(({ first, last }) => ({ first, last })),
    planned.map(({ first, last }) => ({ first, last })),
  );
  if (planned[0]?.guid === undefined) return;
  t.deepEqual(
    seen.map(({ guid, name }) => ({ guid, name })),
    planned.map(({ guid, name }) => ({ guid, name })),
  );
  t.regex(judge("sgdisk", "-v", image), /No problems found/);
}

function judgeFilesystems(t: ExecutionContext, image: string, report: Report, out: string): void {
  for (const { first, last } of report.disks[0]?.table?.partitions ?? []) {
    const part = join(out, "partition");
    judge(
      "dd",
      `if=${image}`,
      `of=${part}`,
      "bs=1M",
      "iflag=skip_bytes,count_bytes",
      "conv=sparse",
      "status=none",
      `skip=${first * 512}`,
      `count=${(last - first + 1) * 512}`,
    );
    const type = judge("sh", "-c", `blkid -p -s TYPE -o value "${part}" || true`).trim();
    if (type === "ext4") judge("e2fsck", "-fn", part);
    else if (type === "vfat") judge("fsck.vfat", "-n", part);
    else t.is(type, "", `partition at sector ${first}`);
  }
}

async function judgeBoot(t: ExecutionContext, image: string, firmware: "bios" | "efi", layout: Layout): Promise<void> {
  const greeting = await bootDemo(image, firmware);
  const { root, boot = "-", efi = "-" } = layout.mounts;
  t.like(greeting, { variant: layout.variant, firmware, root, boot, efi, generation: "1" });
}
