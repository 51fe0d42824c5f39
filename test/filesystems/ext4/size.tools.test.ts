import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { MkimageError } from "../../../src/base/errors.ts";
import { planExt4, solveExt4Size } from "./planned.ts";
import { GiB, KiB, MiB } from "../../../src/base/units.ts";
import { temporaryFolder, writeClean } from "./judges.ts";
import type { DirectoryInode } from "../../../src/manifest/inode.ts";
import { file, folder, folderOf, options, storeTrees, symlink, trees } from "./trees.ts";
import { isLong } from "../../together/is-long.ts";

const space = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 64 * MiB }), fc.integer({ min: 0, max: 40 * GiB }));

test("the solved size leaves what was asked for, and hardly more", (t) => {
  fc.assert(
    fc.property(
      fc.oneof(trees, storeTrees),
      space,
      fc.integer({ min: 0, max: 20 }),
      (root, additional, volumeReservePercent) => {
        const all = { ...options, volumeReservePercent };
        const size = solveExt4Size(root, additional, all);
        const { freeBytes } = planExt4(root, size, all);
        t.true(freeBytes >= additional);
        t.true(freeBytes - additional <= Math.max(0.03 * size, 4 * MiB));
      },
    ),
    { numRuns: isLong ? 300 : 20 },
  );
});

test("no smaller size would do", (t) => {
  const root = folderOf(2000, (index) => [`${index}`, file("x".repeat(index))]);
  for (const additional of [0, 1, 10 * MiB, 130 * MiB, 512 * MiB, 3 * GiB]) {
    const size = solveExt4Size(root, additional, options);
    t.is(size % 4096, 0);
    for (const less of [4 * KiB, 8 * KiB, 200 * KiB, MiB]) {
      t.false(isEnough(root, size - less, additional));
    }
  }
});

test("more than ext4 can hold is refused", (t) => {
  const additional = 17 * 1024 * GiB;
  t.throws(() => solveExt4Size(folder({}), additional, options), {
    instanceOf: MkimageError,
    code: "DOES_NOT_FIT",
    message: /too much for ext4/,
  });
});

function isEnough(root: DirectoryInode, size: number, additional: number): boolean {
  try {
    return planExt4(root, size, options).freeBytes >= additional;
  } catch {
    return false;
  }
}

test("a filesystem that is filled to its last block is sound", async (t) => {
  const image = join(temporaryFolder(t), "image");
  const root = folderOf(5000, (index) => [`${index}`, file("x".repeat(index * 3))]);
  const plan = planExt4(root, solveExt4Size(root, 0, options), options);
  t.is(plan.usedBytes, plan.size);
  await writeClean(plan, image);
});

test("any size from the smallest on is sound, also where a last group is not worth making", async (t) => {
  const image = join(temporaryFolder(t), "image");
  const root = folder({
    etc: folderOf(40, (index) => [`${index}`, file("x".repeat(5000))]),
    data: file("y".repeat(3 * MiB)),
  });
  const least = solveExt4Size(root, 0, options);
  const group = 128 * MiB;
  for (const size of [
    least,
    least + 4096,
    least + 5000,
    8 * MiB,
    16 * MiB,
    group - 4096,
    group,
    group + 4096,
    group + 2 * MiB,
  ]) {
    await writeClean(planExt4(root, size, options), image);
  }
  for (const size of [group + 3 * MiB, 17 * group, 16 * group + 3 * MiB, 5 * GiB, 130 * GiB]) {
    await writeClean(planExt4(root, size, options), image);
  }
  t.pass();
});

test("many tiny files that need no blocks do not make the filesystem larger than their inodes", async (t) => {
  const image = join(temporaryFolder(t), "image");
  const root = folder({ links: folderOf(60_000, (index) => [`${index}`, symlink("short")]) });
  const plan = planExt4(root, solveExt4Size(root, 0, options), options);
  t.true(plan.size < 40 * MiB);
  t.true(plan.freeInodes >= 6000);
  await writeClean(plan, image);
});

test("a size that is too small says what is needed, and that is enough", (t) => {
  const root = folder({ file: file("x".repeat(MiB)) });
  const error = t.throws(() => planExt4(root, MiB, options), { code: "TOO_SMALL" });
  const needed = Number(/at least (\d+) bytes/.exec((error as unknown as { hint: string }).hint)?.[1]);
  t.is(needed, solveExt4Size(root, 0, options));
  t.notThrows(() => planExt4(root, needed, options));
});

test("inodes that were asked for are there", (t) => {
  const root = folder();
  t.true(planExt4(root, 64 * MiB, { ...options, inodes: 30_000 }).inodes >= 30_000);
});
