import { statSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";

/** The name that the installer knows the disk by stands in no configuration that mkimage reads. */
const device = ["--boot-device", "/dev/disk/by-id/ata-DEMO_DISK_0001"];
const system = [demoSystem("extlinux"), "--partition", "legacy", "--additional-space", "64M", ...device];

test.serial("extlinux: the host refuses, since block numbers of files are nothing that it could know", async (t) => {
  const out = join(testFolder(t), "out");
  const { exitCode, stderr } = await runMkimage(["build", ...system, "--engine", "host", "--out", out]);
  t.not(exitCode, 0);
  t.regex(stderr, /its bootloader is extlinux, which only its own installer can install/);
});

test.serial(
  "extlinux: the disk that it was installed on is published with a note, with the free space that was asked for, and boots",
  async (t) => {
    const folder = testFolder(t);
    const out = join(folder, "out");
    const { stderr } = await mkimage(t, ["build", ...system, "--out", out]);
    const report = reportOf(out);
    t.regex(
      stderr,
      /note: .* its bytes are not reproducible: the installer wrote code into the boot block of partition 1/,
    );
    t.false(report.reproducible);

    const image = join(out, "nixos.img");
    t.is(statSync(image).size, Number(report.disks[0]?.size));
    const { first = 0, last = 0 } = report.disks[0]?.table?.partitions[0] ?? {};
    const part = join(folder, "partition");
    const range = [`skip=${first * 512}`, `count=${(last - first + 1) * 512}`, "iflag=skip_bytes,count_bytes"];
    judge("dd", `if=${image}`, `of=${part}`, "bs=1M", "conv=sparse", "status=none", ...range);
    judge("e2fsck", "-fn", part);

    const greeting = await bootDemo(image, "bios");
    t.like(greeting, { variant: "extlinux", firmware: "bios", root: "/dev/vda1:ext4:nixos", boot: "-", efi: "-" });
    const available = Number(greeting["available"]);
    const MiB = 1024 ** 2;
    t.true(
      available >= 64 * MiB && available <= 64 * MiB + 0.03 * Number(report.filesystems[0]?.size) + 4 * MiB,
      `${available}`,
    );
  },
);
