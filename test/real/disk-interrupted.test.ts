import { devicesHere } from "../../src/machine/device-place.ts";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { writeImage } from "../../src/machine/write-image.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { bootTraces, imageSize, makeImage, noise, writeAt } from "./disk-image.ts";
import { silentDialogue, silentReporter, watchingReporter } from "./disk-dialogue.ts";
import { judge, loopDevice, temporaryFolder } from "./loop-device.ts";

/** A stage, and how many of its reports pass before the process dies. */
const allPoints = [
  ["clearing both ends", 0],
  ["discarding old data", 0],
  ["writing", 0],
  ["writing", 2],
  ["writing", 5],
  ["flushing", 0],
  ["reading back", 0],
  ["reading back", 4],
  ["reading back", 11],
  ["writing the first blocks", 0],
  ["writing the first blocks", 1],
  ["writing the first blocks", 3],
] as const;

const child = fileURLToPath(new URL("disk-killed.ts", import.meta.url));

/** Where the size of the sectors makes a difference. */
const endPoints = allPoints.filter(([stage]) => stage === "writing the first blocks");

for (const [sectorSize, killPoints] of [
  [512, allPoints],
  [4096, endPoints],
] as const) {
  test.serial(`killed at any point, a device with sectors of ${sectorSize} bytes cannot be booted from`, (t) => {
    const image = makeImage(t, sectorSize);
    const device = loopDevice(t, { size: 64 * MiB, sectorSize });
    judge("sgdisk", "--clear", "--new=1:0:0", device.path);
    judge("blockdev", "--flushbufs", device.path);
    const oldDisk = readFileSync(device.file);
    for (const [stage, reports] of killPoints) {
      writeAt(device.file, 0, oldDisk);
      judge("blockdev", "--flushbufs", device.path);
      const { signal, stdout } = spawnSync(process.execPath, [child, image, device.path, stage, String(reports)], {
        encoding: "utf8",
      });
      t.is(signal, "SIGKILL", `${stage} ${reports}`);
      t.is(stdout, "", "it does not say success");
      const traces = bootTraces(device.file, device.path, sectorSize);
      t.deepEqual(traces, expectedTraces(stage, reports, sectorSize), `${stage} ${reports}`);
    }
  });
}

/**
 * Before anything is cleared the old disk is as it was. When all is verified, the backup table is written before the
 * first blocks: neither firmware nor Linux looks at it without a protective MBR. With large sectors the primary header
 * is not in the very first block, and as invisible.
 */
function expectedTraces(stage: string, reports: number, sectorSize: number): string[] {
  if (stage === "clearing both ends")
    return ["sfdisk finds a table", "a boot signature", "a primary GPT", "a backup GPT"];
  if (stage !== "writing the first blocks" || reports < 2) return [];
  return sectorSize === 512 ? ["a backup GPT"] : ["a primary GPT", "a backup GPT"];
}

test.serial("interrupted while it writes, it says so and leaves nothing that boots", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB });
  const interruption = new AbortController();
  const reporter = watchingReporter((stage, done) => {
    if (stage === "writing" && done > 8 * MiB) interruption.abort();
  });
  const request = { image, path: device.path, yes: true, expectSize: 64 * MiB };
  const writing = writeImage(request, silentDialogue, { reporter, signal: interruption.signal, place: devicesHere });
  const error = await t.throwsAsync<MkimageError>(writing);
  t.is(error?.code, "INTERRUPTED");
  t.deepEqual(bootTraces(device.file, device.path, 512), []);
});

test.serial("a device that fails while it is written is named with the place, and cannot be booted from", async (t) => {
  const image = makeImage(t, 512);
  const place = temporaryFolder(t);
  judge("mount", "-t", "tmpfs", "-o", "size=2304k", "tmpfs", place);
  const file = join(place, "backing");
  judge("truncate", "-s", "64M", file);
  const path = judge("losetup", "--find", "--show", file);
  try {
    const request = { image, path, yes: true, expectSize: 64 * MiB };
    const writing = writeImage(request, silentDialogue, { reporter: silentReporter, place: devicesHere });
    const error = await t.throwsAsync<MkimageError>(writing);
    t.is(error?.code, "DEVICE_FAILED");
    t.regex(error?.message ?? "", /^(writing to \/dev\/loop\d+ at byte \d+|flushing \/dev\/loop\d+) failed: E/);
    t.deepEqual(bootTraces(file, path, 512), []);
  } finally {
    judge("losetup", "--detach", path);
    judge("umount", place);
  }
});

test.serial("a device that lies is found out, with the place", async (t) => {
  const image = makeImage(t, 512);
  const place = 3 * MiB + 70_000;
  const device = loopDevice(t, { size: 64 * MiB });
  const reporter = watchingReporter((stage) => {
    if (stage === "flushing") writeAt(device.file, place, noise("a lie", 1));
  });
  const request = { image, path: device.path, yes: true, expectSize: 64 * MiB };
  const error = await t.throwsAsync<MkimageError>(
    writeImage(request, silentDialogue, { reporter, place: devicesHere }),
  );
  t.is(error?.code, "MISMATCH");
  const [, first, last] = /bytes (\d+) to (\d+) differ/.exec(error?.message ?? "") ?? [];
  t.true(Number(first) <= place && place <= Number(last));
  t.is(Number(last) - Number(first), 65535);
  t.deepEqual(bootTraces(device.file, device.path, 512), []);
});

test.serial("a lie in the first blocks is found out, and they are cleared again", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB });
  const reporter = watchingReporter((stage, done, total) => {
    if (stage === "writing the first blocks" && total > 0 && done === total)
      writeAt(device.file, 100, noise("a lie", 1));
  });
  const request = { image, path: device.path, yes: true, expectSize: 64 * MiB };
  const error = await t.throwsAsync<MkimageError>(
    writeImage(request, silentDialogue, { reporter, place: devicesHere }),
  );
  t.is(error?.code, "MISMATCH");
  t.deepEqual(bootTraces(device.file, device.path, 512), []);
});

test.serial("a discard that leaves old bytes behind is made good, and proven", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: imageSize, filled: 0xa5 });
  const reporter = watchingReporter((stage) => {
    if (stage === "flushing") writeAt(device.file, 30 * MiB, noise("old bytes", MiB));
  });
  await writeImage({ image, path: device.path, yes: true, expectSize: imageSize }, silentDialogue, {
    reporter,
    place: devicesHere,
  });
  judge("cmp", image, device.path);
  t.pass();
});
