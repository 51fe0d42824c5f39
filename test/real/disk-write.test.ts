import { devicesHere } from "../../src/machine/device-place.ts";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MiB } from "../../src/base/units.ts";
import { checkDevice } from "../../src/machine/approve-device.ts";
import { examineImage } from "../../src/image/reading/examine-image.ts";
import { openImageFile } from "../../src/machine/image-file.ts";
import { writeImage } from "../../src/machine/write-image.ts";
import { imageSize, makeImage, noise, writeAt } from "./disk-image.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { silentDialogue, silentReporter } from "./disk-dialogue.ts";

/** sfdisk leaves the first MiB free, which sgdisk finds unusual. */
const gapBySfdisk = /Warning: There is a gap between the main partition table/;

for (const sectorSize of [512, 4096]) {
  test.serial(`an image for sectors of ${sectorSize} bytes is on a device of its size, byte for byte`, async (t) => {
    const image = makeImage(t, sectorSize);
    const device = loopDevice(t, { size: imageSize, sectorSize, filled: 0xa5 });
    const request = { image, path: device.path, yes: true, expectSize: imageSize };
    const report = await writeImage(request, silentDialogue, { reporter: silentReporter, place: devicesHere });
    judge("cmp", image, device.file);
    judge("cmp", image, device.path);
    t.is(report?.bytesVerified, imageSize);
    t.true(report?.partitionsSeen);
    t.truthy(statSync(`${device.path}p2`).isBlockDevice());
  });

  test.serial(
    `on a larger device with sectors of ${sectorSize} bytes the backup table is at the real end`,
    async (t) => {
      const image = makeImage(t, sectorSize);
      const size = 80 * MiB;
      const device = loopDevice(t, { size, sectorSize, filled: 0xa5 });
      await writeImage({ image, path: device.path, yes: true, expectSize: size }, silentDialogue, {
        reporter: silentReporter,
        place: devicesHere,
      });
      const check = ask("sgdisk", "--verify", device.path);
      t.is(check.status, 0);
      t.regex(check.output, /No problems found/);
      t.notRegex(check.output.replace(gapBySfdisk, ""), /[Ww]arning|[Cc]aution|[Pp]roblem:/);
      const { partitiontable } = JSON.parse(judge("sfdisk", "--json", device.path));
      t.is(partitiontable.lastlba, size / sectorSize - 1 - 1 - 16384 / sectorSize);
      t.is(partitiontable.partitions.length, 2);
      const same = ["--ignore-initial", String(MiB), "--bytes", String(imageSize - 2 * MiB), image, device.path];
      judge("cmp", ...same);
      judge("e2fsck", "-fn", `${device.path}p2`);
    },
  );
}

test.serial("holes read as zeros on a device that cannot discard", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: imageSize, filled: 0xff });
  const approved = await checkDevice({ path: device.path, yes: true, expectSize: imageSize }, devicesHere);
  using file = await openImageFile(await examineImage(image), silentReporter);
  const report = await devicesHere.write({ ...approved, canDiscard: false }, file.image, { reporter: silentReporter });
  judge("cmp", image, device.path);
  t.is(report.bytesWritten, imageSize);
});

test.serial("nothing of an old GPT or RAID is left at either end", async (t) => {
  const size = 80 * MiB;
  const device = loopDevice(t, { size });
  judge("sgdisk", "--clear", "--new=1:0:0", device.path);
  writeAt(device.file, size - 65536, raidSuperblock);
  t.true(signatureTypes(device.path).includes("gpt"));
  const ext4 = join(temporaryFolder(t), "fs.raw");
  judge("truncate", "-s", "8M", ext4);
  judge("mkfs.ext4", "-q", ext4);
  await writeImage({ image: ext4, path: device.path, yes: true, expectSize: size }, silentDialogue, {
    reporter: silentReporter,
    place: devicesHere,
  });
  t.deepEqual(signatureTypes(device.path), ["ext4"]);
  t.is(readFileSync(device.file).indexOf("EFI PART"), -1);
  t.is(readFileSync(device.file).indexOf(raidSuperblock), -1);
});

test.serial("a qcow2, a fixed VHD and a dynamic VHD hold the same disk", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB });
  for (const format of [["qcow2"], ["vpc", "-o", "subformat=fixed,force_size=on"], ["vpc", "-o", "force_size=on"]]) {
    const converted = join(temporaryFolder(t), "other");
    judge("qemu-img", "convert", "-O", ...format, image, converted);
    writeAt(device.file, 20 * MiB, noise("leftover", MiB));
    await writeImage({ image: converted, path: device.path, yes: true, expectSize: 64 * MiB }, silentDialogue, {
      reporter: silentReporter,
      place: devicesHere,
    });
    judge("cmp", "--ignore-initial", String(MiB), "--bytes", String(imageSize - 2 * MiB), image, device.path);
    t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
  }
});

test.serial("an image that ends within a sector is filled up with zeros", async (t) => {
  const image = join(temporaryFolder(t), "odd.raw");
  judge("truncate", "-s", "8M", image);
  judge("mkfs.ext4", "-q", image);
  judge("truncate", "-s", String(8 * MiB + 777), image);
  writeAt(image, 8 * MiB, noise("the odd end", 777));
  const device = loopDevice(t, { size: 16 * MiB, sectorSize: 4096, filled: 0xa5 });
  await writeImage({ image, path: device.path, yes: true, expectSize: 16 * MiB }, silentDialogue, {
    reporter: silentReporter,
    place: devicesHere,
  });
  judge("cmp", "--bytes", String(8 * MiB + 777), image, device.path);
  t.is(
    spawnSync("od", ["-An", "-tx1", "-v", "-j", String(8 * MiB + 777), "-N", "3319", device.path])
      .stdout.toString()
      .replaceAll(/[\s0]/g, ""),
    "",
  );
});

/** The start of a superblock of md, version 0.90: 64 KiB before the end. */
const raidSuperblock = Buffer.from("fc4e2ba9000000005a000000", "hex");

function signatureTypes(path: string): string[] {
  const { signatures } = JSON.parse(judge("wipefs", "--no-act", "--json", path)) as { signatures: { type: string }[] };
  return signatures.map(({ type }) => type);
}
