import { devicesHere } from "../../src/machine/device-place.ts";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, open } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { checkDevice } from "../../src/machine/approve-device.ts";
import { inspectDevice } from "../../src/machine/inspect-device.ts";
import { openDevice } from "../../src/machine/open-device.ts";
import { refusals } from "../../src/machine/rules.ts";
import { writeImage, type WriteImageRequest } from "../../src/machine/write-image.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { silentDialogue, silentReporter } from "./disk-dialogue.ts";
import { imageSize, makeImage } from "./disk-image.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";

/** Runs the whole of `mkimage write` and returns its error; a success fails the test. */
async function refused(t: ExecutionContext, request: WriteImageRequest): Promise<MkimageError> {
  const error = await t.throwsAsync<MkimageError>(
    writeImage({ yes: true, expectSize: 64 * MiB, ...request }, silentDialogue, {
      reporter: silentReporter,
      place: devicesHere,
    }),
  );
  return error ?? t.fail();
}

function textOf({ message, details, hint }: MkimageError): string {
  return [message, ...details, hint ?? ""].join("\n");
}

test.serial("a mounted device is refused, with the place and what to do", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB });
  judge("mkfs.ext4", "-q", device.path);
  const place = join(temporaryFolder(t), "a place");
  mkdirSync(place);
  judge("mount", device.path, place);
  try {
    const error = await refused(t, { image, path: device.path });
    t.is(error.code, "REFUSED_DEVICE");
    t.true(textOf(error).includes(`${device.path} is in use: mounted on ${place}`));
    t.true(textOf(error).includes(`umount '${place}'`));
  } finally {
    judge("umount", place);
  }
  t.is(ask("e2fsck", "-fn", device.path).status, 0, "the filesystem is whole");
});

test.serial("a disk is refused for what its partition is used for: swap", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB });
  judge("sgdisk", "--new=1:0:0", device.path);
  judge("partx", "--update", device.path);
  judge("mkswap", `${device.path}p1`);
  judge("swapon", `${device.path}p1`);
  try {
    const error = await refused(t, { image, path: device.path });
    t.regex(textOf(error), /p1 is in use: the kernel swaps to it/);
    t.regex(textOf(error), /swapoff \/dev\/loop\d+p1/);
  } finally {
    judge("swapoff", `${device.path}p1`);
  }
});

test.serial("a device below a loop device is refused", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB });
  const upper = judge("losetup", "--find", "--show", device.path);
  try {
    const error = await refused(t, { image, path: device.path });
    t.true(textOf(error).includes(`losetup -d ${upper}`));
  } finally {
    judge("losetup", "--detach", upper);
  }
});

test.serial("a loop device of the image itself is refused, under whatever name", async (t) => {
  const device = loopDevice(t, { size: 64 * MiB });
  judge("mkfs.ext4", "-q", "-L", "photos", device.path);
  const other = `${device.file}.hard`;
  linkSync(device.file, other);
  t.teardown(() => rmSync(other));
  for (const image of [device.file, other]) {
    const error = await refused(t, { image, path: device.path });
    t.is(error.code, "REFUSED_DEVICE");
    t.true(textOf(error).includes(`${device.path} holds the image (${image})`), textOf(error));
  }
  t.is(judge("blkid", "-o", "value", "-s", "LABEL", device.path).trim(), "photos");
});

test.serial("a partition is refused unless it is meant", async (t) => {
  const device = loopDevice(t, { size: 64 * MiB });
  judge("sgdisk", "--new=1:2048:+56M", device.path);
  judge("partx", "--update", device.path);
  const path = `${device.path}p1`;
  const image = join(temporaryFolder(t), "filesystem.raw");
  judge("truncate", "-s", "16M", image);
  judge("mkfs.ext4", "-q", image);
  const error = await refused(t, { image, path });
  t.true(textOf(error).includes(`${path} is a partition of ${device.path.slice(5)}, not a disk`));
  t.true(textOf(error).includes("--allow-partition"));
  const request = { image, path, allowPartition: true, yes: true, expectSize: 56 * MiB };
  await writeImage(request, silentDialogue, { reporter: silentReporter, place: devicesHere });
  judge("cmp", "--bytes", String(16 * MiB), image, path);
  t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
});

test.serial("too small, read-only and other sectors are named at once", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 40 * MiB, sectorSize: 4096, readOnly: true });
  const checking = checkDevice({ path: device.path, imageSize, imageSectorSize: 512 }, devicesHere);
  const error = (await t.throwsAsync<MkimageError>(checking)) ?? t.fail();
  t.is(error.details.length, 3);
  t.regex(textOf(error), /is read-only/);
  t.regex(textOf(error), /too small: it has 41943040 bytes .* the image needs 50331648 bytes/);
  t.regex(textOf(error), /build the image with --sector-size 4096/);
  t.regex(textOf(await refused(t, { image, path: device.path })), /too small/);
});

test.serial(
  "an image for sectors of 512 bytes is refused on a device with 4096, and the device stays as it is",
  async (t) => {
    const image = makeImage(t, 512);
    const device = loopDevice(t, { size: 64 * MiB, sectorSize: 4096, filled: 0xa5 });
    const before = readFileSync(device.file);
    const error = await refused(t, { image, path: device.path });
    t.regex(textOf(error), /sectors of 4096 bytes, the image's partition table counts in 512/);
    t.true(before.equals(readFileSync(device.file)));
  },
);

test.serial("what is no block device is refused, and nothing is created under /dev", async (t) => {
  const image = makeImage(t, 512);
  const file = join(temporaryFolder(t), "file");
  writeFileSync(file, "precious");
  t.regex(textOf(await refused(t, { image, path: file })), /is a regular file, not a block device/);
  t.is(readFileSync(file, "utf8"), "precious");
  t.regex(textOf(await refused(t, { image, path: "/dev" })), /is a folder, not a block device/);
  t.regex(textOf(await refused(t, { image, path: "/dev/null" })), /is a character device/);
  t.regex(textOf(await refused(t, { image, path: "/dev/sdzz" })), /there is nothing at \/dev\/sdzz/);
  t.false(existsSync("/dev/sdzz"));
});

test.serial("a device that somebody holds exclusively is refused when it is opened", async (t) => {
  const device = loopDevice(t, { size: 64 * MiB });
  const approved = await inspectDevice(device.path);
  await using _holder = await open(device.path, constants.O_RDWR | constants.O_EXCL);
  const error = (await t.throwsAsync<MkimageError>(openDevice(approved))) ?? t.fail();
  t.is(error.code, "REFUSED_DEVICE");
  t.regex(error.message, /EBUSY/);
});

test.serial("a device that is ours is closed to others, and its lock is ours", async (t) => {
  const device = loopDevice(t, { size: 64 * MiB });
  {
    await using _open = await openDevice(await inspectDevice(device.path));
    t.is(ask("flock", "--nonblock", device.path, "true").status, 1);
    await t.throwsAsync(open(device.path, constants.O_RDWR | constants.O_EXCL), { code: "EBUSY" });
  }
  t.is(ask("flock", "--nonblock", device.path, "true").status, 0);
});

test.serial("another disk under the same name is refused", async (t) => {
  const device = loopDevice(t, { size: 64 * MiB });
  const approved = await inspectDevice(device.path);
  judge("losetup", "--detach", device.path);
  const other = join(temporaryFolder(t), "other");
  judge("truncate", "-s", "65M", other);
  judge("losetup", device.path, other);
  const error = (await t.throwsAsync<MkimageError>(openDevice(approved))) ?? t.fail();
  t.regex(error.message, /another device than the one that was checked/);
  t.true(error.details.includes(`size: was ${64 * MiB}, is ${65 * MiB}`));
});

test.serial("the system's disk is refused, and said to be that", async (t) => {
  const [, source] =
    /^(\/dev\/\S+)/.exec(judge("findmnt", "--noheadings", "--nofsroot", "--output", "SOURCE", "/")) ?? [];
  const device = await inspectDevice(source ?? t.fail());
  const messages = refusals(device, {}).map(({ message }) => message);
  t.true(messages.includes(`${source} holds the running system (/)`));
  t.true(messages.some((message) => message.endsWith("is in use: mounted on /")));
});

test.serial("the disk that holds the image is refused", async (t) => {
  const device = loopDevice(t, { size: 64 * MiB });
  judge("mkfs.ext4", "-q", device.path);
  const place = temporaryFolder(t);
  judge("mount", device.path, place);
  try {
    const image = join(place, "image.raw");
    judge("truncate", "-s", "8M", image);
    judge("mkfs.ext4", "-q", image);
    t.regex(textOf(await refused(t, { image, path: device.path })), /holds the image \(/);
  } finally {
    judge("umount", place);
  }
});

test.serial("without a terminal a device without a lasting name needs its exact size", async (t) => {
  const image = makeImage(t, 512);
  const { path } = loopDevice(t, { size: 64 * MiB });
  t.regex(textOf(await refused(t, { image, path, yes: false })), /--yes --expect-size 67108864/);
  t.regex(textOf(await refused(t, { image, path, expectSize: undefined })), /--yes --expect-size 67108864/);
  t.regex(textOf(await refused(t, { image, path, expectSize: 1 })), /67108864 bytes, not 1/);
});

test.serial("a dry run says what would happen and writes nothing", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB, filled: 0xa5 });
  const before = readFileSync(device.file);
  const lines: string[] = [];
  const dialogue = { say: (line: string) => void lines.push(line) };
  const report = await writeImage({ image, path: device.path, dryRun: true }, dialogue, {
    reporter: silentReporter,
    place: devicesHere,
  });
  t.is(report, undefined);
  t.true(lines.join("\n").includes(`backup partition table is written at byte ${64 * MiB - 33 * 512}`));
  t.is(lines.at(-1), "nothing was written");
  t.true(before.equals(readFileSync(device.file)));
});

test.serial("what is no image is refused before the device is touched", async (t) => {
  const device = loopDevice(t, { size: 64 * MiB, filled: 0xa5 });
  const before = readFileSync(device.file);
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("text"), "no image\n".repeat(1000));
  judge("truncate", "-s", "0", path("empty"));
  judge("cp", makeImage(t, 512), path("truncated"));
  judge("truncate", "-s", String(imageSize - MiB), path("truncated"));
  judge("qemu-img", "create", "-q", "-f", "qcow2", "-b", path("truncated"), "-F", "raw", path("backed"));
  t.is((await refused(t, { image: path("text"), path: device.path })).code, "BAD_IMAGE");
  t.is((await refused(t, { image: path("empty"), path: device.path })).code, "BAD_IMAGE");
  t.regex(textOf(await refused(t, { image: path("truncated"), path: device.path })), /the image is truncated/);
  t.regex(textOf(await refused(t, { image: path("backed"), path: device.path })), /takes bytes from other files/);
  t.is((await refused(t, { image: path("missing"), path: device.path })).code, "BAD_REQUEST");
  t.true(before.equals(readFileSync(device.file)));
});
