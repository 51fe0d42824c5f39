import { rmSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { planExt4, solveExt4Size } from "../filesystems/ext4/planned.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { readFilesystem } from "../../src/inspect/read-filesystem.ts";
import { MiB } from "../../src/base/units.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { countNames } from "../../src/manifest/tree.ts";
import { file, folder, folderOf, options } from "../filesystems/ext4/trees.ts";
import { temporaryFolder } from "../image/folder.ts";
import { bytesOf } from "./images.ts";

/** Trees that our own writer makes, and that a path can name. */
const trees: Readonly<Record<string, () => DirectoryInode>> = {
  "70,000 folders in one": () => folder({ d: folderOf(70_000, (index) => [`${index}`, folder()]) }),
  "2,046 folders in each other": () => {
    let root = folder({ f: file("here") });
    for (let level = 0; level < 2046; level += 1) root = folder({ d: root });
    return root;
  },
};

for (const [what, make] of Object.entries(trees)) {
  test(`our own image is read: ${what}`, async (t) => {
    const path = join(temporaryFolder(t), "image");
    const root = make();
    const plan = planExt4(root, solveExt4Size(root, MiB, options), options);
    await writeRaw({ size: plan.size, extents: plan.extents() }, path);
    const read = await readFilesystem(bytesOf(t, path));
    rmSync(path);
    t.deepEqual(read?.faults, []);
    // lost+found is the writer's.
    t.is(countNames(read?.root ?? folder()), countNames(root) + 1);
  });
}
