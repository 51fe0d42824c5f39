import { join } from "node:path";
import test from "ava";
import { layOutDirectory } from "../../../src/filesystems/ext4/directory-layout.ts";
import { planExt4, solveExt4Size } from "./planned.ts";
import { hashName, hashSeedWords } from "../../../src/filesystems/ext4/hash.ts";
import { uuidBytes } from "../../../src/filesystems/ext4/identity.ts";
import { MiB } from "../../../src/base/units.ts";
import { judge, temporaryFolder, writeClean } from "./judges.ts";
import { file, folder, folderOf, options } from "./trees.ts";

const seed = hashSeedWords(uuidBytes(options.hashSeed));

test("a folder has one block as long as its names fit, and a tree from then on", async (t) => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => String(index).padStart(8, "0"));
  t.is(layOutDirectory([], seed).blocks, 1);
  t.is(layOutDirectory(names(253), seed).blocks, 1);
  t.is(layOutDirectory(names(254), seed).blocks, 1 + 1);
  t.is(layOutDirectory(names(256), seed).blocks, 1 + 2);
  const image = join(temporaryFolder(t), "image");
  const folders = [0, 1, 253, 254, 255, 256].map(
    (count) => [`${count}`, folderOf(count, (index) => [names(count)[index] ?? "", file()])] as const,
  );
  await writeClean(planExt4(folder(Object.fromEntries(folders)), 8 * MiB, options), image);
});

test("two names of one hash are both found, though one leaf ends and the next begins between them", async (t) => {
  const pair = collision();
  const before = (length: number, count: number) => namesWhere(length, count, (hash) => hash < pair.hash);
  // 15 entries of 264 bytes and one of 108 leave room for one more of 16: the first of the pair.
  const names = [
    ...before(255, 15),
    ...before(100, 1),
    ...pair.names,
    ...namesWhere(250, 30, (hash) => hash > pair.hash),
  ];
  t.deepEqual(
    layOutDirectory([...names].sort(), seed)
      .tree?.leafHashes.slice(0, 2)
      .at(1),
    pair.hash + 1,
  );
  const image = join(temporaryFolder(t), "image");
  const root = folder({ sub: folder(Object.fromEntries(names.map((name) => [name, file(`in ${name}`)]))) });
  await writeClean(planExt4(root, solveExt4Size(root, MiB, options), options), image);
  for (const name of pair.names) t.is(judge("debugfs", "-R", `cat /sub/${name}`, image), `in ${name}`);
});

/** Two names of eight letters that hash alike, in the middle of all hashes. */
function collision(): { names: [string, string]; hash: number } {
  const seen = new Map<number, string>();
  for (let index = 0; ; index += 1) {
    const name = index.toString(36).padStart(8, "n");
    const hash = hashName(name, seed);
    const other = seen.get(hash);
    if (other !== undefined && hash > 2 ** 30 && hash < 2 ** 31) return { names: [other, name], hash };
    seen.set(hash, name);
  }
}

function namesWhere(length: number, count: number, isWanted: (hash: number) => boolean): string[] {
  const names: string[] = [];
  for (let index = 0; names.length < count; index += 1) {
    const name = `${index}-`.padEnd(length, "x");
    if (isWanted(hashName(name, seed))) names.push(name);
  }
  return names;
}
