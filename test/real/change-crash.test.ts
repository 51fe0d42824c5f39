import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { GiB } from "../../src/base/units.ts";
import { refused } from "../../src/devices/changes/difference.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { applyChange, planChange } from "../../src/machine/change-disks.ts";
import { thisMachine } from "../../src/machine/disk-host.ts";
import { ask, attach, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { context, signal } from "./change-context.ts";
import { isLong } from "../together/is-long.ts";

// Filesystems whose machine lost its power while they were mounted: what was written last is in their journals alone.

function request(device: string, size: string, format: string, root: string) {
  const content = { type: "filesystem", format, mountpoint: "/" };
  const partitions = { root: { size, content } };
  return {
    tree: readDeviceTree({ disk: { main: { device, content: { type: "gpt", partitions } } } }),
    root,
    destroy: [],
  };
}

/** A disk as its medium is at this moment, with a filesystem that was mounted, and has grown if there are two sizes. */
async function crashed(t: ExecutionContext, format: string, sizes: readonly string[]) {
  const { path: device, file } = loopDevice(t, { size: 2 * GiB });
  const root = join(temporaryFolder(t), "root");
  mkdirSync(root);
  t.teardown(() => void ask("umount", root));
  for (const size of sizes) await applyChange(request(device, size, format, root), context);
  for (let one = 0; one < 200; one += 1) writeFileSync(join(root, `file ${one}`), `${one}`.repeat(one * 50));
  judge("dd", "if=/dev/urandom", `of=${join(root, "large")}`, "bs=1M", "count=100", "conv=fsync", "status=none");
  const bytes = new Map(readdirSync(root).map((name) => [name, ask("md5sum", join(root, name)).output.slice(0, 32)]));
  judge("sync", ...readdirSync(root).map((name) => join(root, name)));
  const copy = join(temporaryFolder(t), "copy");
  copyFileSync(file, copy);
  judge("umount", root);
  const { path } = attach(t, copy);
  judge("partx", "--update", path);
  t.teardown(() => void ask("partx", "--delete", path));
  const assertBytes = (): void => {
    for (const [name, sum] of bytes) t.is(ask("md5sum", join(root, name)).output.slice(0, 32), sum, name);
  };
  return { root, device: path, assertBytes };
}

/** Growing ext4 while it is mounted takes more rights than containers give their root. */
const cases = [
  ["xfs", ["400M", "600M"]],
  ["ext4", ["400M"]],
  ["xfs", ["400M"]],
  ["btrfs", ["400M", "600M"]],
] as const;

for (const [format, sizes] of isLong ? cases : cases.slice(0, 1)) {
  test.serial(`${format} of ${sizes.join(", then ")} that lost its power while it was mounted grows`, async (t) => {
    const { root, device, assertBytes } = await crashed(t, format, sizes);
    const wanted = request(device, "900M", format, root);
    await applyChange(wanted, context);
    assertBytes();
    t.true(Number(judge("df", "--output=size", root).split("\n")[1]) > 700_000);
    t.deepEqual((await planChange(wanted, thisMachine, signal)).difference.steps, []);
    judge("umount", root);
  });
}

for (const format of isLong ? ["xfs", "btrfs"] : []) {
  test.serial(`${format} that had grown when it lost its power is not cut off where it ended before`, async (t) => {
    const { root, device, assertBytes } = await crashed(t, format, ["400M", "600M"]);
    const { difference } = await planChange(request(device, "400M", format, root), thisMachine, signal);
    t.regex(refused(difference)[0]?.refusal ?? "", /cannot be made smaller/);
    await applyChange(request(device, "600M", format, root), context);
    assertBytes();
    judge("umount", root);
  });
}

if (isLong) {
  test.serial("ext4 that lost its power is not made smaller before its journal is in its place", async (t) => {
    const { root, device, assertBytes } = await crashed(t, "ext4", ["400M"]);
    const smaller = request(device, "300M", "ext4", root);
    const { difference } = await planChange(smaller, thisMachine, signal);
    t.regex(refused(difference)[0]?.refusal ?? "", /its journal holds what is not in its place yet/);
    judge("mount", `${device}p1`, root);
    judge("umount", root);
    await applyChange(smaller, context);
    assertBytes();
    judge("umount", root);
  });
}
