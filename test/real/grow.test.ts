import { join } from "node:path";
import test from "ava";
import type { Growth } from "../../src/bootloaders/growth/finding.ts";
import { describeGrowth } from "../../src/bootloaders/growth/growth.ts";
import { GiB, MiB } from "../../src/base/units.ts";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";

const layout = ["--partition", "efi", "--additional-space", "32M"];

test.serial("a system that grows in its initrd sees the space of a larger disk", async (t) => {
  const out = join(testFolder(t), "out");
  const request = [...layout, "--grow", "--format", "qcow2", "--out", out];
  await mkimage(t, ["build", demoSystem("systemd-boot-grow"), ...request]);
  const report = reportOf(out);
  t.like(report, { grows: { partition: { how: "initrd" }, filesystem: { how: "initrd" } } });
  t.true((report.filesystems.find(({ mountpoint }) => mountpoint === "/")?.freeBytes ?? 0) < 64 * MiB);
  const image = join(out, "nixos.qcow2");
  // The backup GPT is then not at the disk's end, as in any disk that was enlarged.
  judge("qemu-img", "resize", image, "2G");
  const greeting = await bootDemo(image, "efi", "qcow2");
  t.true(Number(greeting["available"]) > 1.4 * GiB, greeting["available"]);
  t.is(greeting["root"], "/dev/vda2:ext4:nixos");
});

test.serial("a system that does not grow is refused, with the lines that it lacks", async (t) => {
  const out = join(testFolder(t), "out");
  const { exitCode, stderr } = await runMkimage([
    "build",
    demoSystem("systemd-boot"),
    ...layout,
    "--grow",
    "--out",
    out,
  ]);
  t.is(exitCode, 2, stderr);
  t.regex(stderr, /does not grow by itself/);
  t.regex(stderr, /root's partition does not grow: no service grows it, nor does the initrd/);
  t.regex(stderr, /boot\.growPartition = true; fileSystems\."\/"\.autoResize = true;/);
});

test.serial("a plan says whether the system grows", async (t) => {
  const { stdout } = await mkimage(t, ["plan", demoSystem("systemd-boot-grow"), ...layout]);
  t.regex(stdout, /^grows {7}root partition yes \(the initrd's init calls sfdisk\), filesystem yes/m);
  const { stdout: json } = await mkimage(t, ["plan", demoSystem("systemd-boot"), ...layout, "--json"]);
  t.like(JSON.parse(json), { grows: { partition: { how: null }, filesystem: { how: null } } });
});

test.serial("an image says from its own files whether its system grows, as the plan of it did", async (t) => {
  for (const variant of ["systemd-boot-grow", "systemd-boot"]) {
    const out = join(testFolder(t), "out");
    await mkimage(t, ["build", demoSystem(variant), ...layout, "--format", "qcow2", "--out", out]);
    const image = join(out, "nixos.qcow2");
    const plan = await mkimage(t, ["plan", demoSystem(variant), ...layout, "--json"]);
    const { grows } = JSON.parse(plan.stdout) as { grows: Growth };
    const { stdout: json } = await mkimage(t, ["inspect", image, "--json"]);
    t.deepEqual((JSON.parse(json) as { grows: unknown }).grows, grows, variant);
    const { stdout: text } = await mkimage(t, ["inspect", image]);
    t.true(text.includes(`\ngrows: ${describeGrowth(grows)}\n`), text);
  }
});
