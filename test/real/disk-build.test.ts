import test from "ava";
import { GiB } from "../../src/base/units.ts";
import { bootDemo } from "./boot-demo.ts";
import { loopDevice } from "./loop-device.ts";
import { demoSystem, judge, mkimage, runMkimage } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

const consent = ["--yes", "--expect-size", String(GiB)];

/** One with sectors of 512 bytes boots in disk-grow.test.ts. */
const sectorSizes = isLong ? ([512, 4096] as const) : ([4096] as const);

for (const sectorSize of sectorSizes) {
  test.serial(`a system is built straight onto a disk with sectors of ${sectorSize} bytes, and boots`, async (t) => {
    const { path, file } = loopDevice(t, { size: GiB, sectorSize, filled: 0xa5 });
    const target = ["--partition", "efi", "--write-to-disk", path, ...consent];
    const { stdout } = await mkimage(t, ["build", demoSystem("systemd-boot"), ...target]);
    t.regex(stdout, /holds the image of 1 GiB/);
    t.regex(judge("sgdisk", "-v", path), /No problems found/);
    const greeting = await bootDemo(file, "efi", "raw", sectorSize);
    t.like(greeting, { variant: "systemd-boot", root: "/dev/vda2:ext4:nixos", boot: "/dev/vda1:vfat:ESP" });
    t.true(Number(greeting["available"]) > GiB / 2, "the root fills the disk");
  });
}

test.serial("a dry run shows the disk and the plan, and writes nothing", async (t) => {
  const { path } = loopDevice(t, { size: GiB, filled: 0xa5 });
  const before = judge("sha256sum", path);
  const target = ["--partition", "efi", "--write-to-disk", path, ...consent, "--dry-run"];
  const { stdout } = await mkimage(t, ["build", demoSystem("systemd-boot"), ...target]);
  t.regex(stdout, /would be laid out anew[^]*ESP/);
  t.is(judge("sha256sum", path), before);
});

test.serial("a disk that is too small is refused with the size that is needed, untouched", async (t) => {
  const { path } = loopDevice(t, { size: 64 * 1024 ** 2, filled: 0xa5 });
  const before = judge("sha256sum", path);
  const target = ["--partition", "efi", "--write-to-disk", path, "--yes", "--expect-size", String(64 * 1024 ** 2)];
  const run = await runMkimage(["build", demoSystem("systemd-boot"), ...target]);
  t.is(run.exitCode, 4);
  t.regex(run.stderr, /too small: it has 64 MiB and needs/);
  t.is(judge("sha256sum", path), before);
});

test.serial("an image format and a disk do not go together", async (t) => {
  const { path } = loopDevice(t, { size: GiB });
  const run = await runMkimage(["build", demoSystem("none"), "--format", "vdi", "--write-to-disk", path, ...consent]);
  t.is(run.exitCode, 2);
  t.regex(run.stderr, /makes no image file; drop --format/);
});

test.serial("a device tree takes the disk's size and sectors, whatever its own say", async (t) => {
  const { path } = loopDevice(t, { size: GiB, sectorSize: 4096 });
  const target = ["--devices", "fixtures/devices/simple-efi.json", "--write-to-disk", path, ...consent];
  await mkimage(t, ["build", demoSystem("systemd-boot"), ...target]);
  const { partitiontable } = JSON.parse(judge("sfdisk", "-J", path)) as {
    partitiontable: { sectorsize: number; partitions: { start: number; size: number }[] };
  };
  t.is(partitiontable.sectorsize, 4096);
  const last = partitiontable.partitions.at(-1);
  t.true(((last?.start ?? 0) + (last?.size ?? 0)) * 4096 > GiB - 2 * 1024 ** 2, "the root ends at the end of the disk");
});

test.serial("a tree of several disks does not fit onto one, which is said before anything is written", async (t) => {
  const { path } = loopDevice(t, { size: GiB, filled: 0xa5 });
  const before = judge("sha256sum", path);
  const target = ["--devices", "fixtures/devices/raid1.json", "--write-to-disk", path, ...consent];
  const run = await runMkimage(["build", demoSystem("none"), ...target]);
  t.is(run.exitCode, 2);
  t.regex(run.stderr, /a tree of 2 disks does not fit onto one/);
  t.is(judge("sha256sum", path), before);
});
