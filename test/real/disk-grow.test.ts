import { devicesHere } from "../../src/machine/device-place.ts";
import { statSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { checkDevice } from "../../src/machine/approve-device.ts";
import { examineImage } from "../../src/image/reading/examine-image.ts";
import { openGrownImage } from "../../src/machine/grow/grown-image.ts";
import { writeImage } from "../../src/machine/write-image.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { GiB, MiB } from "../../src/base/units.ts";
import type { Reporter } from "../../src/runtime/reporter.ts";
import { bootDemo } from "./boot-demo.ts";
import { imageSize, makeImage, noise, writeAt } from "./disk-image.ts";
import { silentDialogue, silentReporter } from "./disk-dialogue.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { demoSystem, mkimage, testFolder } from "./mkimage.ts";

test.serial("the demo system is written onto a larger disk, fills it, and boots", async (t) => {
  const out = join(testFolder(t), "out");
  const request = ["--partition", "efi", "--additional-space", "32M", "--out", out];
  await mkimage(t, ["build", demoSystem("systemd-boot"), ...request]);
  const device = loopDevice(t, { size: 2 * GiB });
  const consent = ["--yes", "--expect-size", String(2 * GiB)];
  const { stderr } = await mkimage(t, ["write", "--grow", join(out, "nixos.img"), device.path, ...consent]);
  t.regex(stderr, /partition 2 grows from .* to 1\.7 GiB/);
  t.regex(judge("sgdisk", "--verify", device.path), /No problems found/);
  judge("e2fsck", "-fn", `${device.path}p2`);
  t.is(sizeOfExt(`${device.path}p2`), Number(judge("blockdev", "--getsize64", `${device.path}p2`)));
  const greeting = await bootDemo(device.file, "efi");
  t.is(greeting["boot"], "/dev/vda1:vfat:ESP");
  t.true(Number(greeting["available"]) > 1.4 * GiB, greeting["available"]);
});

for (const sectorSize of [512, 4096]) {
  test.serial(`what the device held before does not come through, sectors of ${sectorSize} bytes`, async (t) => {
    const image = makeImage(t, sectorSize);
    const size = 512 * MiB;
    const device = loopDevice(t, { size, sectorSize, filled: 0xa5 });
    const approved = await checkDevice({ path: device.path, yes: true, expectSize: size }, devicesHere);
    const options = { reporter: silentReporter, place: devicesHere };
    using file = await openGrownImage(await examineImage(image), approved, options);
    const report = await devicesHere.write({ ...approved, canDiscard: false }, file.image, options);
    t.true(report.bytesWritten < size / 2, `${report.bytesWritten}`);
    t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
    judge("e2fsck", "-fn", `${device.path}p2`);
    t.is(sizeOfExt(`${device.path}p2`), size - 10 * MiB);
    judge("cmp", "--ignore-initial", String(MiB), "--bytes", String(8 * MiB), image, device.path);
  });
}

test.serial("a partition that holds no ext4 grows alone, and a note says so", async (t) => {
  const image = makeImage(t, 512);
  writeAt(image, 9 * MiB, noise("something encrypted", MiB));
  const device = loopDevice(t, { size: 80 * MiB });
  const notes = await writeGrown(image, device.path, 80 * MiB);
  t.regex(notes.join("\n"), /holds no ext4: what is in it does not grow/);
  const { partitiontable } = JSON.parse(judge("sfdisk", "--json", device.path));
  t.is(partitiontable.partitions[1].size, (79 - 9) * 2048);
});

test.serial("an image that is one filesystem fills the disk", async (t) => {
  const image = join(temporaryFolder(t), "fs.raw");
  judge("truncate", "-s", "16M", image);
  judge("mkfs.ext4", "-q", image);
  const device = loopDevice(t, { size: 80 * MiB });
  await writeGrown(image, device.path, 80 * MiB);
  judge("e2fsck", "-fn", device.path);
  t.is(sizeOfExt(device.path), 80 * MiB);
});

test.serial("on a disk of the image's size there is nothing to grow, and the bytes are the image's", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: imageSize });
  judge("sgdisk", "--delete=2", "--new=2:9M:47M", image);
  const notes = await writeGrown(image, device.path, imageSize);
  t.regex(notes.join("\n"), /nothing to grow: partition 2 reaches to the device's end already/);
  judge("cmp", image, device.path);
});

test.serial("a dry run says what would grow, and writes nothing", async (t) => {
  const device = loopDevice(t, { size: 80 * MiB });
  const said: string[] = [];
  const request = { image: makeImage(t, 512), path: device.path, grow: true, dryRun: true };
  await writeImage(request, { say: (line) => said.push(line) }, { reporter: silentReporter, place: devicesHere });
  t.regex(said.join("\n"), /partition 2 grows from 30 MiB to 70 MiB/);
  t.is(statSync(device.file).blocks, 0);
});

test.serial("a damaged filesystem is not grown: nothing is written", async (t) => {
  const image = makeImage(t, 512);
  writeAt(image, 9 * MiB + 4096, noise("no group descriptors", 64 * 1024));
  const device = loopDevice(t, { size: 80 * MiB });
  const error = await t.throwsAsync<MkimageError>(writeGrown(image, device.path, 80 * MiB));
  t.is(error?.code, "BAD_IMAGE");
  t.is(statSync(device.file).blocks, 0);
});

async function writeGrown(image: string, path: string, expectSize: number): Promise<string[]> {
  const notes: string[] = [];
  const reporter: Reporter = { ...silentReporter, note: (text) => notes.push(text) };
  await writeImage({ image, path, yes: true, expectSize, grow: true }, silentDialogue, {
    reporter,
    place: devicesHere,
  });
  return notes;
}

function sizeOfExt(path: string): number {
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(judge("dumpe2fs", "-h", path))?.[1]);
  return field("Block count") * field("Block size");
}
