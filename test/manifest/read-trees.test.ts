import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { readLargeTree, readTree, readTrees } from "../../src/manifest/read-folder.ts";
import { storeRules } from "../../src/manifest/read-rules.ts";
import { walkShare } from "../../src/manifest/walk/share.ts";
import { startThreads } from "../../src/runtime/threads/thread-pool.ts";
import { scratchFolder } from "../nix/nix.ts";
import { asIs } from "./as-is.ts";
import { describeTree } from "./describe-tree.ts";

const scratch = scratchFolder();
test.before(() => startThreads(3));
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

function folder(name: string): string {
  const path = join(scratch, name);
  mkdirSync(path);
  return path;
}

/** As many files as it says, in folders of a hundred, with a link, an attribute and a second name here and there. */
function makeFiles(path: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const below = join(path, `${Math.floor(index / 100)}`);
    if (index % 100 === 0) mkdirSync(below);
    const file = join(below, `file-${index}`);
    writeFileSync(file, "x".repeat(index % 7));
    if (index % 50 === 0) symlinkSync(`file-${index}`, `${file}-link`);
    if (index % 70 === 0) linkSync(file, join(path, `${index}-too`));
    if (index % 90 === 0) execFileSync("setfattr", ["-n", "user.index", "-v", `${index}`, file]);
  }
}

const shapes: Readonly<Record<string, (path: string) => void>> = {
  "with nothing in it": () => {},
  "of few files": (path) => makeFiles(path, 7),
  "of one flat folder": (path) => {
    for (let index = 0; index < 1000; index += 1) writeFileSync(join(path, `${index}`), "x");
  },
  "of many folders": (path) => makeFiles(path, 3000),
  "of which everything lies far below": (path) => {
    const far = join(path, "a/b/c/d/e/f/g/h/i");
    mkdirSync(far, { recursive: true });
    makeFiles(far, 500);
  },
};

for (const [shape, make] of Object.entries(shapes)) {
  test(`a tree ${shape} is the same to one thread and to several`, async (t) => {
    const path = folder(shape);
    make(path);
    const [large, small] = [await readLargeTree(path, asIs), readTree(path, asIs)] as [DirectoryInode, DirectoryInode];
    t.deepEqual(describeTree(large), describeTree(small));
  });
}

test("names of one file stay names of one file, whichever threads meet them", async (t) => {
  const path = folder("names");
  writeFileSync(join(path, "first"), "x");
  for (let index = 0; index < 600; index += 1) linkSync(join(path, "first"), join(path, `${index}`));
  const root = (await readLargeTree(path, asIs)) as DirectoryInode;
  t.is(new Set(root.entries.values()).size, 1);
});

test("of trees that are read together, those that are not there are named, and the others read", async (t) => {
  const path = folder("some");
  const paths = Array.from({ length: 300 }, (_, index) => join(path, `tree-${index}`));
  for (const [index, tree] of paths.entries()) {
    if (index % 3 === 0) continue;
    mkdirSync(tree);
    writeFileSync(join(tree, "file"), "x".repeat(index));
  }
  const found = await readTrees(paths, storeRules);
  for (const [index, tree] of found.entries()) {
    if (index % 3 > 0) t.deepEqual(tree, readTree(paths[index] ?? "", storeRules));
    else
      t.like(tree, {
        code: "BAD_REQUEST",
        message: `${paths[index]} cannot be read: ENOENT: no such file or directory`,
      });
  }
});

test("one file that cannot be read is a fault of its tree alone", async (t) => {
  const path = folder("hidden");
  mkdirSync(join(path, "open"));
  mkdirSync(join(path, "closed"));
  // The kernel takes paths of up to 4096 bytes, and what lies deeper only from there.
  execFileSync("mkdir", ["-p", join(path, "closed", `${"d".repeat(250)}/`.repeat(14))]);
  const deep = join(path, "closed", `${"d".repeat(250)}/`.repeat(14));
  execFileSync("sh", ["-c", 'cd "$1" && mkdir -p "$2/$2/$2"', "sh", deep, "e".repeat(250)]);
  const [closed, open] = await readTrees([join(path, "closed"), join(path, "open")], asIs);
  t.true(closed instanceof MkimageError);
  t.regex(
    (closed as MkimageError).message,
    /\/closed\/d+… cannot be read: its path has \d+ bytes, of at most 4095 \(PATH_MAX\)$/,
  );
  t.is((open as DirectoryInode).type, "directory");
});

test("each tree of a list is walked by exactly one of those that share it", (t) => {
  const path = folder("shared");
  const paths = Array.from({ length: 500 }, (_, index) => join(path, `${index}`));
  for (const file of paths) writeFileSync(file, "");
  const taken = new Int32Array(new SharedArrayBuffer(4));
  taken[0] = 100;
  const walk = { paths, rules: storeRules, taken };
  t.deepEqual(
    walkShare(walk).trees,
    Array.from({ length: 400 }, (_, index) => 100 + index),
  );
  t.deepEqual(walkShare(walk).trees, []);
});
