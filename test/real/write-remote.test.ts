import { readFileSync } from "node:fs";
import test from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { bytesExtent, fileExtent } from "../../src/image/extent.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { writeImage } from "../../src/machine/write-image.ts";
import { remotePlace } from "../../src/remote/remote-place.ts";
import { fewApplets, localConnection } from "../remote/local-connection.ts";
import { imageSize, makeImage } from "./disk-image.ts";
import { silentDialogue, silentReporter } from "./disk-dialogue.ts";
import { ask, judge, loopDevice } from "./loop-device.ts";

const reporter = silentReporter;

const machines = {
  "with all programs": {},
  "of busybox alone": { applets: fewApplets },
  "of busybox with gzip, cmp and blkdiscard": { applets: [...fewApplets, "gzip", "cmp", "blkdiscard", "blockdev"] },
};

for (const [name, options] of Object.entries(machines)) {
  for (const sectorSize of [512, 4096]) {
    test.serial(`a machine ${name} gets the image byte for byte, on sectors of ${sectorSize} bytes`, async (t) => {
      const image = makeImage(t, sectorSize);
      const size = 80 * MiB;
      const device = loopDevice(t, { size, sectorSize, filled: 0xa5 });
      const place = remotePlace(localConnection(t, options));
      const request = { image, path: device.path, yes: true, expectSize: size };
      const report = await writeImage(request, silentDialogue, { reporter, place });
      judge("cmp", "--ignore-initial", String(MiB), "--bytes", String(imageSize - 2 * MiB), image, device.path);
      t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
      // The kernel of a machine without partx does not look at a loop device.
      t.is(report?.partitionsSeen, name === "with all programs");
      ask("partx", "--update", device.path);
      judge("e2fsck", "-fn", `${device.path}p2`);
      t.is(report?.backupTable, size - 16384 - sectorSize);
    });
  }
}

test.serial("a disk that does not hold what it was given has no table afterwards", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: imageSize, filled: 0xa5 });
  const onOutput = (output: string, script: string) =>
    script.includes("are_zeros") ? output.replace(/^[0-9a-f]{64}$/m, "0".repeat(64)) : output;
  const place = remotePlace(localConnection(t, { onOutput }));
  const request = { image, path: device.path, yes: true, expectSize: imageSize };
  const error = await t.throwsAsync<MkimageError>(writeImage(request, silentDialogue, { reporter, place }));
  t.is(error?.code, "MISMATCH");
  t.is(judge("wipefs", "--no-act", device.path), "");
});

test.serial("a source that changes ends the writing with its own error, and leaves no table", async (t) => {
  const device = loopDevice(t, { size: 8 * MiB, filled: 0xa5 });
  const place = remotePlace(localConnection(t));
  const lost = fileExtent(4 * MiB, MiB, byteString("/proc/self/no-such-file"));
  const image = { size: 8 * MiB, extents: [bytesExtent(0, Buffer.alloc(MiB, 1)), lost] };
  const found = await place.inspect(device.path);
  const error = await t.throwsAsync<MkimageError>(place.write(found, image, { reporter }));
  t.is(error?.code, "SOURCE_CHANGED");
  t.true(
    readFileSync(device.file)
      .subarray(0, MiB)
      .every((byte) => byte === 0),
  );
});

test.serial("a disk that others use by now is not touched", async (t) => {
  const device = loopDevice(t, { size: 16 * MiB, filled: 0xa5 });
  judge("mkfs.ext4", "-q", device.path);
  const place = remotePlace(localConnection(t));
  const found = await place.inspect(device.path);
  t.deepEqual(
    found.signatures.map(({ type }) => type),
    ["ext4"],
  );
  const before = readFileSync(device.file);
  const busy = { ...found, users: [{ kind: "swap", device: found.name } as const] };
  const error = await t.throwsAsync<MkimageError>(place.write(busy, { size: MiB, extents: [] }, { reporter }));
  t.is(error?.code, "REFUSED_DEVICE");
  t.is(Buffer.compare(before, readFileSync(device.file)), 0);
});

for (const lacking of ["dd", "sha256sum"] as const) {
  test.serial(`a machine without ${lacking} is refused before anything is asked`, async (t) => {
    const device = loopDevice(t, { size: 4 * MiB });
    const applets = fewApplets.filter((name) => name !== lacking);
    const place = remotePlace(localConnection(t, { applets }));
    const error = await t.throwsAsync<MkimageError>(place.inspect(device.path));
    t.is(error?.code, "REMOTE_FAILED");
    t.true(error?.message.includes(lacking));
  });
}

for (const [path, message] of [
  ["/dev/no-such-disk", /there is nothing at \/dev\/no-such-disk/],
  ["/dev/null", /not a block device/],
] as const) {
  test.serial(`${path} of another machine is refused`, async (t) => {
    const error = await t.throwsAsync<MkimageError>(remotePlace(localConnection(t)).inspect(path));
    t.is(error?.code, "REFUSED_DEVICE");
    t.regex(error?.message ?? "", message);
  });
}
