import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { thisMachine } from "../../src/machine/disk-host.ts";
import { step } from "../../src/steps/step.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";

// Commands of a change that refuse on this machine what a plan could not see, or saw otherwise.

const context = { machine: thisMachine, signal: new AbortController().signal, onStep: () => {}, onNote: () => {} };

async function run(...argv: readonly string[]): Promise<void> {
  await thisMachine.executor(context).run([step("x", "change it", [], argv)]);
}

/** The fault that ends a run, in all of its lines. */
async function refusalOf(running: Promise<void>): Promise<string> {
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof MkimageError ? error.details.join("\n") : String(error);
}

for (const argv of [["shrink_ext", "81920"], ["grow_ext"]] as const) {
  test.serial(`${argv[0]}: an ext4 with bigalloc keeps its size`, async (t) => {
    const { path } = loopDevice(t, { size: 128 * MiB });
    judge("mkfs.ext4", "-q", "-O", "bigalloc", "-C", "16384", path, "100M");
    const before = judge("md5sum", path);
    const [name, ...more] = argv;
    t.regex(await refusalOf(run(name, path, ...more)), /has the feature bigalloc/);
    t.is(judge("md5sum", path), before);
  });
}

test.serial("an ext4 becomes smaller, and is sound", async (t) => {
  const { path } = loopDevice(t, { size: 128 * MiB });
  judge("mkfs.ext4", "-q", path);
  await run("shrink_ext", path, "81920");
  t.regex(judge("dumpe2fs", "-h", path), /^Block count: +81920$/m);
  judge("e2fsck", "-f", "-n", path);
});

for (const format of ["ext4", "xfs", "btrfs"] as const) {
  const command = format === "btrfs" ? "require_mounted_btrfs" : "require_mounted";
  test.serial(`${format}: what is mounted over another one is told from it`, async (t) => {
    const place = temporaryFolder(t);
    const [lower = "", upper = ""] = [0, 1].map(() => loopDevice(t, { size: 384 * MiB }).path);
    for (const device of [lower, upper]) {
      judge(`mkfs.${format}`, "-q", device);
      judge("mount", device, place);
    }
    t.teardown(() => [place, place].forEach((at) => void ask("umount", at)));
    t.regex(await refusalOf(run(command, lower, place)), /something else than \S+ is mounted at/);
    await run(command, upper, place);
    judge("umount", place);
    await run(command, lower, place);
    judge("umount", place);
    t.regex(await refusalOf(run(command, lower, place)), /something else than \S+ is mounted at|not a (valid )?btrfs/);
  });
}
