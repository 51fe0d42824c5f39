import { readdirSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { type Ext4Options } from "../../src/filesystems/ext4/ext4.ts";
import { planExt4, solveExt4Size } from "../filesystems/ext4/planned.ts";
import { GiB, KiB, MiB } from "../../src/base/units.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { judge, requireClean, superblockOf, temporaryFolder, writeClean } from "../filesystems/ext4/judges.ts";
import {
  device,
  file,
  folder,
  folderOf,
  options,
  sparseFile,
  special,
  symlink,
  trees,
} from "../filesystems/ext4/trees.ts";
import { differences } from "./ext4-compare.ts";
import { mounted } from "./ext4-mount.ts";
import { isLong } from "../together/is-long.ts";

/** The smallest filesystem for a tree with some room, written to a file and found clean. */
async function built(path: string, root: DirectoryInode, room = MiB, more: Partial<Ext4Options> = {}) {
  const all = { ...options, ...more };
  const plan = planExt4(root, solveExt4Size(root, room, all), all);
  await writeClean(plan, path);
  return plan;
}

test.serial("the kernel shows any tree as its manifest describes it", async (t) => {
  const image = join(temporaryFolder(t), "image");
  await fc.assert(
    fc.asyncProperty(trees, async (root) => {
      await built(image, root);
      const found = await mounted(t, image, (mount) => differences(root, mount));
      if (found.length > 0) throw new Error(found.join("\n"));
    }),
    { numRuns: isLong ? 2000 : 25 },
  );
  t.pass();
});

test.serial("every kind of file is there with all that it has", async (t) => {
  const shared = file("one file, three names");
  const root = folder({
    shared,
    sub: folder({ shared, again: shared, deeper: folder() }),
    sparse: sparseFile(5 * GiB, { 0: "start", 4096: "second", 1_000_000: "middle", [5 * GiB - 3]: "end" }),
    hole: sparseFile(MiB, {}),
    short: symlink("s".repeat(59)),
    long: symlink("l".repeat(60)),
    longest: symlink("x".repeat(4095)),
    tty: device("character-device", 5, 0),
    disk: device("block-device", 259, 70_000),
    pipe: special("fifo"),
    socket: special("socket"),
    future: file("2200", { mtime: { seconds: 7_258_118_400, nanoseconds: 999_999_999 } }),
    past: file("1910", { mtime: { seconds: -1_893_456_000, nanoseconds: 1 } }),
    foreign: file("owned", { uid: 4_000_000_000, gid: 70_000, mode: 0o6755 }),
    "  \n\t'\"\\$*é ": file("odd name"),
  });
  const image = join(temporaryFolder(t), "image");
  await built(image, root);
  t.deepEqual(await mounted(t, image, (mount) => differences(root, mount)), []);
});

test.serial("a mounted filesystem has exactly the free space and the inodes that its plan says", async (t) => {
  const root = folderOf(300, (index) => [`file-${index}`, file("x".repeat(index * 20))]);
  for (const [room, percent] of [
    [0, 0],
    [3 * MiB, 0],
    [200 * MiB, 0],
    [900 * MiB, 5],
    [40 * GiB, 0],
  ] as const) {
    const image = join(temporaryFolder(t), "image");
    const plan = await built(image, root, room, { volumeReservePercent: percent });
    const seen = await mounted(t, image, (mount) => statfsSync(mount));
    t.is(seen.bavail * seen.bsize, plan.freeBytes);
    t.is(seen.files, plan.inodes);
    t.is(seen.ffree, plan.freeInodes);
    t.true(plan.freeBytes >= room);
    t.true(plan.freeBytes - room <= Math.max(4 * MiB, plan.size * 0.03));
  }
});

test.serial(
  "a flat folder of 20,000 entries has a tree of two levels that the kernel finds all names by",
  async (t) => {
    const name = (index: number) => `${index}-${"long-name-of-a-store-path-".repeat(8)}`;
    const root = folder({ flat: folderOf(20_000, (index) => [name(index), symlink(`target-${index}`)]) });
    const image = join(temporaryFolder(t), "image");
    await built(image, root);
    t.regex(judge("debugfs", "-R", "htree_dump /flat", image), /Indirect levels: 1/);
    t.deepEqual(await mounted(t, image, (mount) => differences(root, mount)), []);
  },
);

test.serial("a folder may have more subfolders than it can count links", async (t) => {
  const root = folder({ many: folderOf(65_100, (index) => [`${index}`, folder()]) });
  const image = join(temporaryFolder(t), "image");
  await built(image, root);
  await mounted(t, image, (mount) => {
    t.is(statSync(join(mount, "many")).nlink, 1);
    t.is(readdirSync(join(mount, "many")).length, 65_100);
    t.is(statSync(join(mount, "many", "65099")).nlink, 2);
  });
});

test.serial("it grows offline far beyond its first size, with nothing lost", async (t) => {
  const root = folder({ kept: folderOf(500, (index) => [`${index}`, file(`content ${index}`)]) });
  const image = join(temporaryFolder(t), "image");
  await built(image, root, 20 * MiB);
  truncateSync(image, 40 * GiB);
  judge("resize2fs", image);
  requireClean(image);
  t.is(superblockOf(image).get("Block count"), String((40 * GiB) / 4096));
  t.deepEqual(await mounted(t, image, (mount) => differences(root, mount)), []);
});

test.serial("it takes writes like any other, and is clean afterwards", async (t) => {
  const old = folderOf(3000, (index) => [`old-${index}-${"n".repeat(100)}`, file("old")]);
  const image = join(temporaryFolder(t), "image");
  await built(image, folder({ old, full: file("f".repeat(100 * KiB)) }), 60 * MiB);
  await mounted(
    t,
    image,
    (mount) => {
      for (let index = 0; index < 1500; index += 1)
        writeFileSync(join(mount, "old", `new-${index}-${"m".repeat(90)}`), "new");
      writeFileSync(join(mount, "large"), Buffer.alloc(20 * MiB, 1));
      writeFileSync(join(mount, "full"), "shorter");
      rmSync(join(mount, "old", `old-7-${"n".repeat(100)}`));
      t.is(readdirSync(join(mount, "old")).length, 4499);
    },
    "rw",
  );
  requireClean(image);
});
