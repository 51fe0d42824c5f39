import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { randomNumbers } from "../../bench/random.ts";
import { MkimageError } from "../../src/base/errors.ts";
import { readFilesystem } from "../../src/inspect/read-filesystem.ts";
import { walk } from "../../src/manifest/tree.ts";
import { temporaryFolder } from "../image/folder.ts";
import { bytesOf, overwrite, tool } from "./images.ts";
import { isLong } from "../together/is-long.ts";

const rounds = isLong ? 5000 : 300;

/** Damages a few bytes of a filesystem's structures; reading ends, with an answer or with BAD_IMAGE. */
async function survives(t: ExecutionContext, image: string, reach: number): Promise<void> {
  const random = randomNumbers(7);
  const copy = `${image}.damaged`;
  const outcomes = { read: 0, refused: 0 };
  for (let round = 0; round < rounds; round += 1) {
    copyFileSync(image, copy);
    for (let count = 0; count < 8; count += 1) {
      const bytes = Buffer.from([Math.floor(random() * 256), Math.floor(random() * 256)]);
      overwrite(copy, Math.floor(random() ** 2 * reach), bytes);
    }
    try {
      const read = await readFilesystem(bytesOf(t, copy));
      if (read !== undefined) t.true([...walk(read.root)].length > 0);
      outcomes.read += 1;
    } catch (error) {
      if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
      outcomes.refused += 1;
    }
  }
  t.true(outcomes.read > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
}

function source(t: ExecutionContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "tree/a/b/c"), { recursive: true });
  for (let index = 0; index < 40; index += 1)
    writeFileSync(join(folder, `tree/a/b/file ${index}`), "x".repeat(index * 300));
  return folder;
}

test("a damaged ext filesystem is read as far as it goes, or refused", async (t) => {
  const folder = source(t);
  const image = join(folder, "image");
  tool("mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-N", "64", "-d", join(folder, "tree"), image, "2M");
  await survives(t, image, 400_000);
});

test("a damaged FAT filesystem is read as far as it goes, or refused", async (t) => {
  const folder = source(t);
  const image = join(folder, "image");
  tool("truncate", "-s", "2M", image);
  tool("mkfs.vfat", image);
  tool("mcopy", "-s", "-i", image, join(folder, "tree/a"), "::");
  await survives(t, image, 40_000);
});
