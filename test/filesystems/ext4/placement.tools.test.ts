import { createHash } from "node:crypto";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { KiB, MiB } from "../../../src/base/units.ts";
import { type Ext4Plan, surveyExt4 } from "../../../src/filesystems/ext4/ext4.ts";
import { placementOf } from "../../../src/filesystems/ext4/placement.ts";
import { readImage } from "../../../src/image/chunk.ts";
import { shiftExtents } from "../../../src/image/extent.ts";
import type { DirectoryInode } from "../../../src/manifest/inode.ts";
import { temporaryFolder, writeClean } from "./judges.ts";
import { options, storeOf } from "./trees.ts";

const grid = 64 * KiB;

/** A tree as a filesystem that begins at `offset` of its disk. */
function planAt(root: DirectoryInode, offset: number, additional = 0): Ext4Plan {
  const survey = surveyExt4(root, options);
  return survey.plan(survey.smallestSize(additional), offset);
}

/** Sums of the clusters of the disk that it is on. */
function clustersOf(plan: Ext4Plan, offset: number): ReadonlySet<string> {
  const image = { size: offset + plan.size, extents: shiftExtents(plan.extents(), offset) };
  const chunks = readImage(image, { chunkSize: grid, memory: () => new Uint8Array(grid + 1) });
  return new Set(Array.from(chunks, ({ bytes }) => createHash("sha256").update(bytes).digest("hex")));
}

/** Clusters of one that the other has not. */
function others(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return [...one].filter((cluster) => !other.has(cluster)).length;
}

/** Large and small files, 8.9 MB in all. */
const package_ = [5_000_000, 100, 70_000, 8000, 3_800_000, 12_345];

for (const [what, offset] of [
  ["on the grid of its disk", 0],
  ["behind a partition table", MiB],
  ["eight blocks off the grid", MiB + 32 * KiB],
  ["one block off the grid", 4 * KiB],
] as const) {
  test(`a store path gives the same clusters in every image, with a filesystem ${what}`, (t) => {
    const alone = storeOf(new Map([[5, package_]]));
    const among = storeOf(new Map([1, 2, 5, 7, 9].map((number) => [number, package_])), [100, 2_000_000, 4096]);
    const [one, other] = [planAt(alone, offset, 20 * MiB), planAt(among, offset, 300 * MiB)];
    // Folders, inodes, bitmaps and the small files of /var are in three clusters at most, and the group's own at one place.
    t.true(others(clustersOf(one, offset), clustersOf(other, offset)) <= 5);
    t.true(clustersOf(one, offset).size > 130);
  });
}

test("two images with nothing large in common have no clusters in common", (t) => {
  const [one, other] = [5, 6].map((number) => clustersOf(planAt(storeOf(new Map([[number, package_]])), 0), 0));
  t.true(others(one ?? new Set(), other ?? new Set()) > 130);
});

test("a filesystem that is on no block of 4 KiB of its disk is laid out as one at its beginning", (t) => {
  const root = storeOf(new Map([[5, package_]]));
  const places = (offset: number) => [...planAt(root, offset).extents()].map((extent) => extent.offset);
  t.deepEqual(places(17 * KiB), places(0));
});

test("gaps are free space: e2fsck finds it so, and no more is free than is promised", async (t) => {
  const image = join(temporaryFolder(t), "image");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.integer({ min: 60_000, max: 80_000 }), fc.nat(800_000)), { minLength: 50, maxLength: 300 }),
      fc.constantFrom(0, 4 * KiB, MiB + 60 * KiB),
      async (sizes, offset) => {
        const paths = new Map(sizes.map((size, number) => [number + 1, [size]]));
        const plan = planAt(storeOf(paths), offset);
        await writeClean(plan, image);
        t.true(plan.freeBytes <= Math.max(0.03 * plan.size, 4 * MiB));
      },
    ),
    { numRuns: 5 },
  );
});

test("a size that was given and has no room for the gaps is filled without them", async (t) => {
  const survey = surveyExt4(storeOf(new Map([1, 2, 3].map((number) => [number, package_]))), options);
  const least = survey.smallestSize(0);
  t.true(survey.plan(least).usedBytes < least);
  const image = join(temporaryFolder(t), "image");
  await writeClean(survey.plan(least - 32 * KiB), image);
  t.throws(() => survey.plan(least - 2 * MiB), { code: "TOO_SMALL" });
});

test("what is occupied is what is used, without the gaps", (t) => {
  const plan = planAt(storeOf(new Map([1, 2, 3].map((number) => [number, package_]))), 0, 10 * MiB);
  const occupied = plan.occupied();
  t.is(
    occupied.reduce((sum, { length }) => sum + length, 0),
    plan.usedBytes,
  );
  for (const { offset, length } of plan.extents())
    t.true(
      occupied.some((run) => run.offset <= offset && offset + length <= run.offset + run.length),
      `${offset}`,
    );
});

/** By number: so many blocks. */
const blocks = Uint32Array.from([0, 1, 40, 2, 2400, 3, 17, 30]);

for (const [what, storePaths, files, onGrid] of [
  ["large files come last, each on the grid", [], [1, 3, 5, 2, 4, 6, 7], [3, 4, 5, 6]],
  ["a store path stays together", [{ start: 0, end: 3 }], [5, 1, 2, 3, 4, 6, 7], [1, 4, 5, 6]],
] as const) {
  test(what, (t) => {
    const placement = placementOf(Uint32Array.from([1, 2, 3, 4, 5, 6, 7]), blocks, storePaths);
    t.deepEqual([...placement.files], [...files]);
    t.deepEqual([...placement.onGrid], [...onGrid]);
  });
}

test("where gaps would be too much of all data, only larger ones leave some, or none", (t) => {
  const onGrid = (...sizes: number[]) => {
    const placement = placementOf(
      Uint32Array.from(sizes.keys(), (index) => index + 1),
      Uint32Array.from([0, ...sizes]),
      [],
    );
    return placement.files.length - (placement.onGrid[0] ?? sizes.length);
  };
  const of17 = Array.from({ length: 100 }, () => 17);
  t.is(onGrid(...of17), 0);
  t.is(onGrid(...of17, 160, 320), 2);
  t.is(onGrid(...of17, 160, 320, 100_000), 103);
  t.is(onGrid(40, 20), 0);
});
