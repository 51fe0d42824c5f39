import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { bytesExtent, type Extent } from "../../src/image/extent.ts";
import { draftForTarget, layOut } from "../../src/deploy/lay-out.ts";
import { readSystem } from "../../src/pipeline/draft.ts";
import { parseRequest } from "../../src/request/parse.ts";
import { fakeHost } from "../pipeline/fake-host.ts";
import { inspectRemote } from "../../src/remote/inspect-remote.ts";
import { finishRemote } from "../../src/remote/write-remote.ts";
import { stageRemote, type StageOptions } from "../../src/remote/stage-remote.ts";
import { localConnection } from "../remote/local-connection.ts";
import { noise } from "./disk-image.ts";
import { silentReporter as reporter, watchingReporter } from "./disk-dialogue.ts";
import { ask, judge, type LoopDevice, loopDevice } from "./loop-device.ts";

const size = 32 * MiB;
const first = bytesExtent(0, noise("first", 2 * MiB));
const middle = bytesExtent(8 * MiB, noise("middle", 6 * MiB));
const last = bytesExtent(24 * MiB, noise("last", 4 * MiB));
const image = { size, extents: [first, middle, last] };

async function stage(t: ExecutionContext, { path }: LoopDevice, extents: readonly Extent[], options: StageOptions) {
  const connection = localConnection(t);
  const target = { connection, ...(await inspectRemote(connection, path)) };
  return { target, staged: await stageRemote(target, { size, extents }, options) };
}

function holds(t: ExecutionContext, { file }: LoopDevice): void {
  const wanted = Buffer.alloc(size);
  for (const { offset, source } of image.extents) if (source.kind === "bytes") wanted.set(source.bytes, offset);
  t.is(Buffer.compare(readFileSync(file), wanted), 0);
}

test.serial("of a disk whose writing was cut off only the rest is sent, and all of it is there", async (t) => {
  const device = loopDevice(t, { size, filled: 0xa5 });
  const controller = new AbortController();
  const cutting = watchingReporter((task, done) => {
    if (task === "sending" && done >= 10 * MiB) controller.abort();
  });
  const cut = stage(t, device, image.extents, { reporter: cutting, signal: controller.signal });
  const error = await t.throwsAsync<MkimageError>(cut);
  t.is(error?.code, "INTERRUPTED");
  const { target, staged } = await stage(t, device, image.extents, { reporter, known: "compare first" });
  t.true(staged.bytesWritten <= 8 * MiB, `${staged.bytesWritten} bytes were sent`);
  t.true(staged.bytesVerified >= size - MiB);
  await finishRemote(target, staged, { reporter });
  holds(t, device);
});

test.serial("a disk that is complete is sent nothing but its first blocks", async (t) => {
  const device = loopDevice(t, { size, filled: 0xa5 });
  const before = await stage(t, device, image.extents, { reporter });
  await finishRemote(before.target, before.staged, { reporter });
  const { target, staged } = await stage(t, device, image.extents, { reporter, known: "compare first" });
  t.is(staged.bytesWritten, 0);
  await finishRemote(target, staged, { reporter });
  holds(t, device);
});

test.serial("what is on a disk by chance is compared as well: a byte that differs is mended", async (t) => {
  const device = loopDevice(t, { size, filled: 0xa5 });
  const before = await stage(t, device, image.extents, { reporter });
  await finishRemote(before.target, before.staged, { reporter });
  for (const at of [9 * MiB, 20 * MiB])
    judge("dd", "if=/dev/urandom", `of=${device.path}`, "bs=1", "count=1", `seek=${at}`, "conv=notrunc,fsync");
  const { target, staged } = await stage(t, device, image.extents, { reporter, known: "compare first" });
  t.true(staged.bytesWritten <= 6 * MiB);
  await finishRemote(target, staged, { reporter });
  holds(t, device);
});

test.serial(
  "a disk on which one bit turns over after it was written is found out, and mended by the next run",
  async (t) => {
    const device = loopDevice(t, { size, filled: 0xa5 });
    const file = openSync(device.file, "r+");
    t.teardown(() => closeSync(file));
    const at = 24 * MiB + 77;
    const lying = watchingReporter((task) => {
      if (task !== "reading back") return;
      const [byte = 0] = noise("last", 4 * MiB).subarray(77);
      writeSync(file, Uint8Array.of(byte ^ 1), 0, 1, at);
    });
    const error = await t.throwsAsync<MkimageError>(stage(t, device, image.extents, { reporter: lying }));
    t.is(error?.code, "MISMATCH");
    t.regex(error?.message ?? "", /between the bytes 25165824 and 29360128/);
    t.is(judge("wipefs", "--no-act", device.path), "");
    const { target, staged } = await stage(t, device, image.extents, { reporter, known: "compare first" });
    t.is(staged.bytesWritten, 4 * MiB);
    await finishRemote(target, staged, { reporter });
    holds(t, device);
  },
);

test.serial("of a disk whose reading back was cut off nothing is sent again", async (t) => {
  const device = loopDevice(t, { size, filled: 0xa5 });
  const controller = new AbortController();
  const cutting = watchingReporter((task) => {
    if (task === "reading back") controller.abort();
  });
  const cut = stage(t, device, image.extents, { reporter: cutting, signal: controller.signal });
  t.is((await t.throwsAsync<MkimageError>(cut))?.code, "INTERRUPTED");
  const { staged } = await stage(t, device, image.extents, { reporter, known: "compare first" });
  t.is(staged.bytesWritten, 0);
});

test.serial("until it is finished a disk has no table, also where it had one before", async (t) => {
  const device = loopDevice(t, { size, filled: 0xa5 });
  judge("sgdisk", "--clear", device.path);
  await stage(t, device, image.extents, { reporter, known: "compare first" });
  t.is(judge("wipefs", "--no-act", device.path), "");
});

test.serial(
  "what a filesystem does not use is neither sent nor written nor read, and it is sound all the same",
  async (t) => {
    const host = fakeHost(t);
    const root = join(host.folder, "root");
    mkdirSync(root);
    writeFileSync(join(root, "file"), noise("file", 3 * MiB));
    const device = loopDevice(t, { size: 256 * MiB, filled: 0xa5 });
    const connection = localConnection(t);
    const target = { connection, ...(await inspectRemote(connection, device.path)) };
    // Another UUID than the usual one: other tests make filesystems that have to be the only ones with theirs.
    const request = parseRequest({}, { root, partition: "legacy", rootFsuid: "5b9a40b6-0e0c-4d0c-9f2c-3f1c53f0a7de" });
    const source = await readSystem(request, undefined, host.folder, host.context);
    const disk = { name: "main", path: device.path, device: target.device };
    const drafted = await draftForTarget(request, source, [disk], host.context);
    const laid = await layOut(drafted, host.folder, host.context);
    const staged = await stageRemote(target, laid.disks[0]?.image ?? image, { reporter });
    t.true(staged.bytesVerified < 40 * MiB, `${staged.bytesVerified} bytes were read back`);
    await finishRemote(target, staged, { reporter });
    const free = readFileSync(device.file).subarray(200 * MiB, 210 * MiB);
    t.true(free.every((byte) => byte === 0xa5));
    ask("partx", "--update", device.path);
    judge("e2fsck", "-fn", `${device.path}p1`);
    judge("cmp", join(root, "file"), dumped(host.folder, `${device.path}p1`));
  },
);

/** A file of an ext4 filesystem, as debugfs reads it. */
function dumped(folder: string, device: string): string {
  const path = join(folder, "dumped");
  judge("debugfs", "-R", `dump /file ${path}`, device);
  return path;
}
