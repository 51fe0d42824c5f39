import { createHash } from "node:crypto";
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import { GiB, MiB } from "../../src/base/units.ts";
import { keptClusters } from "../../src/image/cluster-cache/cluster-cache.ts";
import { type FixedTrees, sourceKeys } from "../../src/image/cluster-cache/source-keys.ts";
import { bytesExtent, type Extent, fileExtent } from "../../src/image/extent.ts";
import type { Image } from "../../src/image/image.ts";
import { writeQcow2 } from "../../src/image/qcow2/write.ts";
import { keepWithinBounds } from "../../src/runtime/kept-files.ts";
import { temporaryFolder } from "./folder.ts";
import { pieces, sampleBytes, sampleImage } from "./sample.ts";
import { isLong } from "../together/is-long.ts";

type Compression = "zlib" | "zstd";

/** Writes images beside each other, with and without a cache, and gives the SHA-256 of each. */
function writerIn(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const cache = join(folder, "cache");
  let next = 0;
  const write = async (image: Image, compression: Compression, cacheFolder?: string, trees?: FixedTrees) => {
    const path = join(folder, `${(next += 1)}.qcow2`);
    await writeQcow2(
      image,
      path,
      cacheFolder === undefined ? { compression } : { compression, cache: { folder: cacheFolder, trees } },
    );
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  };
  return { folder, cache, write };
}

/** Clusters that compress, some that do not, one twice, and holes. */
const image: Image = {
  size: 64 * MiB,
  extents: [
    bytesExtent(0, sampleBytes(4 * MiB, 1)),
    bytesExtent(8 * MiB, sampleBytes(4 * MiB, 2)),
    bytesExtent(20 * MiB, Buffer.concat([sampleBytes(MiB, 1), Buffer.alloc(MiB), sampleBytes(100_001, 3)])),
  ],
};
const other: Image = {
  size: 40 * MiB,
  extents: [bytesExtent(MiB, sampleBytes(4 * MiB, 2)), ...image.extents].slice(0, 1),
};

for (const compression of ["zlib", "zstd"] as const) {
  test(`${compression}: the bytes are the same without a cache, with a cold one, and with a warm one`, async (t) => {
    const { cache, write } = writerIn(t);
    const without = await write(image, compression);
    t.is(await write(image, compression, cache), without);
    const [kept = ""] = readdirSync(cache);
    t.regex(kept, new RegExp(`^clusters-${compression}-`));
    t.is(await write(image, compression, cache), without);
    t.deepEqual(readdirSync(cache), [kept], "everything was known");
  });

  test(`${compression}: what another image has of it is known, wherever it stands there`, async (t) => {
    const { cache, write } = writerIn(t);
    await write(image, compression, cache);
    const before = readdirSync(cache);
    t.is(await write(other, compression, cache), await write(other, compression));
    t.deepEqual(readdirSync(cache), before);
  });

  test(`${compression}: any images share a cache without a trace in their bytes`, async (t) => {
    const { folder, cache, write } = writerIn(t);
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const sample = sampleImage(folder, list).image;
        t.is(await write(sample, compression, cache), await write(sample, compression));
      }),
      { numRuns: 15 },
    );
  });
}

test("each compression has its own forms", async (t) => {
  const { cache, write } = writerIn(t);
  await write(image, "zlib", cache);
  t.is(await write(image, "zstd", cache), await write(image, "zstd"));
  t.is(readdirSync(cache).length, 2);
});

test("a byte that has flipped anywhere in the cache is found, and its cluster is made anew", async (t) => {
  const { cache, write } = writerIn(t);
  const sound = await write(image, "zlib", cache);
  const file = join(cache, readdirSync(cache)[0] ?? "");
  const bytes = readFileSync(file);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8((damaged[place] ?? 0) ^ flip, place);
      for (const name of readdirSync(cache)) truncateSync(join(cache, name));
      writeFileSync(file, damaged);
      t.is(await write(image, "zlib", cache), sound);
      const before = readdirSync(cache);
      t.is(await write(image, "zlib", cache), sound);
      t.deepEqual(readdirSync(cache), before, "what was made anew is known");
    }),
    { numRuns: isLong ? 100 : 10 },
  );
});

for (const [what, spoil] of [
  ["is cut off", (path: string) => truncateSync(path, 100_000)],
  ["is empty", (path: string) => truncateSync(path, 0)],
  ["holds something else", (path: string) => writeFileSync(path, sampleBytes(100_000, 7))],
  ["has zeros where its records end", (path: string) => truncateSync(path, MiB * 20)],
] as const) {
  test(`a file of the cache that ${what} is none`, async (t) => {
    const { cache, write } = writerIn(t);
    const sound = await write(image, "zstd", cache);
    spoil(join(cache, readdirSync(cache)[0] ?? ""));
    t.is(await write(image, "zstd", cache), sound);
    t.is(readdirSync(cache).length, 2);
  });
}

test("a folder in the place of a file, or a file in the place of the folder, is no cache", async (t) => {
  const { folder, cache, write } = writerIn(t);
  const without = await write(image, "zlib");
  await write(image, "zlib", cache);
  const [name = ""] = readdirSync(cache);
  mkdirSync(join(folder, "folders", name), { recursive: true });
  t.is(await write(image, "zlib", join(folder, "folders")), without);
  writeFileSync(join(folder, "file"), "");
  t.is(await write(image, "zlib", join(folder, "file")), without);
  t.is(await write(image, "zlib", "/proc/none"), without);
});

test("builds at once share a cache", async (t) => {
  const { cache, write } = writerIn(t);
  const [one, two] = [await write(image, "zlib"), await write(other, "zlib")];
  const both = () =>
    Promise.all([write(image, "zlib", cache), write(other, "zlib", cache), write(image, "zlib", cache)]);
  t.deepEqual(await both(), [one, two, one]);
  const before = readdirSync(cache);
  t.deepEqual(await both(), [one, two, one]);
  t.deepEqual(readdirSync(cache), before);
});

test("an image that could not be written leaves nothing in the cache", async (t) => {
  const { folder, cache, write } = writerIn(t);
  const broken = { ...image, extents: [...image.extents, fileExtent(40 * MiB, MiB, join(folder, "missing"))] };
  await t.throwsAsync(write(broken, "zlib", cache), { code: "SOURCE_CHANGED" });
  t.deepEqual(readdirSync(cache), []);
});

test("an image that may need the room is not kept", async (t) => {
  const { cache, write } = writerIn(t);
  await write({ size: 1024 ** 2 * GiB, extents: image.extents }, "zstd", cache);
  t.deepEqual(readdirSync(cache), []);
});

test("the cache is bounded: what was not used for longest goes first", (t) => {
  const folder = temporaryFolder(t);
  const make = (name: string, size: number, used: number) => {
    openSync(join(folder, name), "w");
    truncateSync(join(folder, name), size);
    utimesSync(join(folder, name), used, used);
  };
  make("clusters-zlib-a-1", 2 * GiB, 3);
  make("clusters-zstd-a-1", 1.5 * GiB, 1);
  make("clusters-zlib-a-2", GiB, 2);
  make("toolbox-1", 9 * GiB, 0);
  keepWithinBounds(folder, keptClusters);
  t.deepEqual(readdirSync(folder).toSorted(), ["clusters-zlib-a-1", "clusters-zlib-a-2", "toolbox-1"]);
  for (let index = 0; index < 40; index += 1) make(`clusters-zlib-b-${index}`, 1000, 10 + index);
  keepWithinBounds(folder, keptClusters);
  t.is(readdirSync(folder).length, 33);
  t.false(readdirSync(folder).includes("clusters-zlib-a-1"));
  t.true(readdirSync(folder).includes("clusters-zlib-b-39"));
});

test("using a file keeps it", async (t) => {
  const { cache, write } = writerIn(t);
  await write(image, "zlib", cache);
  const file = join(cache, readdirSync(cache)[0] ?? "");
  utimesSync(file, 1, 1);
  await write(other, "zlib", cache);
  t.true(statSync(file).mtimeMs > Date.now() - 600_000);
});

test("a piece that is all of fixed trees is taken at once, from whichever files of the cache have it, unless a byte of it has flipped", async (t) => {
  const { folder, cache, write } = writerIn(t);
  const { trees, paths } = treeImage(folder);
  // Clusters that compress, one from each file, and a hole between them.
  const cluster = (at: number, path: number) => fileExtent(at * 65_536, 65_536, paths[path] ?? "", 65_536);
  const [ones, twos, both] = [[cluster(0, 0)], [cluster(3, 1)], [cluster(0, 1), cluster(5, 0)]].map((extents) => ({
    size: MiB,
    extents,
  }));
  if (ones === undefined || twos === undefined || both === undefined) return t.fail();
  const without = await write(both, "zstd");
  await write(ones, "zstd", cache, trees);
  await write(twos, "zstd", cache, trees);
  const kept = readdirSync(cache).toSorted();
  t.is(kept.length, 2);
  for (const path of paths) rmSync(path);
  t.is(await write(both, "zstd", cache, trees), without, "nothing was read");
  t.deepEqual(readdirSync(cache).toSorted(), kept);
  const file = join(cache, kept[0] ?? "");
  const bytes = readFileSync(file);
  bytes.writeUInt8((bytes[100] ?? 0) ^ 1, 100);
  writeFileSync(file, bytes);
  await t.throwsAsync(write(both, "zstd", cache, trees), { code: "SOURCE_CHANGED" });
});

/** Files of two fixed trees and another one, and an image of them; the last cluster of it is of two trees. */
function treeImage(folder: string): {
  image: Image & { extents: readonly Extent[] };
  trees: FixedTrees;
  paths: readonly string[];
} {
  mkdirSync(join(folder, "one"));
  const names = ["one/file", "two", "other"] as const;
  const paths = names.map((name) => join(folder, name));
  for (const [seed, path] of paths.entries()) writeFileSync(path, sampleBytes(MiB + 1000, seed + 1));
  const extents = paths.map((path, index) => fileExtent(index * 4 * MiB, MiB + 1000, path));
  extents.push(fileExtent(20 * MiB, 8192, paths[0] ?? "", 4096), fileExtent(20 * MiB + 12_288, 8192, paths[1] ?? ""));
  const sums = new Map([
    ["one", "sum of one"],
    ["two", "sum of two"],
  ]);
  return { image: { size: 32 * MiB, extents }, trees: { folder, sums }, paths };
}

for (const compression of ["zlib", "zstd"] as const) {
  test(`${compression}: fixed trees are known by their sums, and the bytes are the same`, async (t) => {
    const { folder, cache, write } = writerIn(t);
    const { image: ofTrees, trees } = treeImage(folder);
    const without = await write(ofTrees, compression);
    for (const how of ["cold", "warm"]) t.is(await write(ofTrees, compression, cache, trees), without, how);
    t.is(readdirSync(cache).length, 1);
  });
}

test("what is known of a fixed tree is not read, but for clusters that do not compress", async (t) => {
  const { folder, cache, write } = writerIn(t);
  const { image: all, trees, paths } = treeImage(folder);
  // The first cluster of a sample does not compress, the second does.
  const packed = {
    ...all,
    extents: all.extents
      .slice(0, 2)
      .map((extent) => ({ ...extent, length: 65_536, source: { ...extent.source, position: 65_536 } })),
  } as Image;
  const cold = await write(packed, "zlib", cache, trees);
  rmSync(paths[0] ?? "");
  t.is(await write(packed, "zlib", cache, trees), cold);
  await t.throwsAsync(write(all, "zlib", cache, trees), { code: "SOURCE_CHANGED" });
  await t.throwsAsync(write(packed, "zlib"), { code: "SOURCE_CHANGED" });
});

test("a form of a fixed tree that is damaged is made anew of its files", async (t) => {
  const { folder, cache, write } = writerIn(t);
  const { image: ofTrees, trees } = treeImage(folder);
  const sound = await write(ofTrees, "zstd", cache, trees);
  const file = join(cache, readdirSync(cache)[0] ?? "");
  const bytes = readFileSync(file);
  const records = Math.floor(bytes.length / 2);
  for (let place = 0; place < records; place += 7) bytes.writeUInt8((bytes[place] ?? 0) ^ 4, place);
  writeFileSync(file, bytes);
  t.is(await write(ofTrees, "zstd", cache, trees), sound);
});

test("any images of fixed trees share a cache without a trace in their bytes", async (t) => {
  const { folder, cache, write } = writerIn(t);
  let next = 0;
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const place = join(folder, `tree-${(next += 1)}`);
      mkdirSync(place);
      const sample = sampleImage(place, list).image;
      const trees = { folder, sums: new Map([[`tree-${next}`, `${next}`]]) };
      const without = await write(sample, "zlib");
      for (const how of ["cold", "warm"]) t.is(await write(sample, "zlib", cache, trees), without, how);
    }),
    { numRuns: 15 },
  );
});

const tree: FixedTrees = {
  folder: "/store",
  sums: new Map([
    ["a", "1"],
    ["b", "2"],
  ]),
};
const isKnown = (keys: Uint32Array, cluster: number) =>
  keys.subarray(cluster * 8, cluster * 8 + 8).some((word) => word > 0);
const keyIn = (keys: Uint32Array, cluster = 0) => keys.subarray(cluster * 8, cluster * 8 + 8).join();

test("a cluster has a key of its sources where all of it is of fixed trees", (t) => {
  const cluster = 65_536;
  const extents = [
    fileExtent(MiB, 3 * cluster, "/store/a/file"),
    fileExtent(MiB + 3 * cluster, 100, "/store/b"),
    fileExtent(MiB + 4 * cluster, 100, "/store/a"),
    bytesExtent(MiB + 4 * cluster + 4096, Buffer.from("made")),
    fileExtent(MiB + 5 * cluster, 100, "/store/c/file"),
    fileExtent(MiB + 6 * cluster, 100, "/other/a"),
    fileExtent(MiB + 7 * cluster, 100, "/store/ab"),
  ];
  const { words: keys, complete } = sourceKeys(extents, MiB, 16, tree);
  t.false(complete);
  t.true(sourceKeys(extents.slice(0, 3), MiB, 16, tree).complete);
  t.deepEqual(
    Array.from({ length: 16 }, (_, index) => index).filter((index) => isKnown(keys, index)),
    [0, 1, 2, 3],
  );
});

test("the key follows from trees and their sums, paths in them, parts of files, and places in the cluster, and from nothing else", (t) => {
  const key = (extents: readonly Extent[], trees = tree, offset = 0) =>
    keyIn(sourceKeys(extents, offset, 16, trees).words);
  const one = key([fileExtent(0, 1000, "/store/a/file", 4096)]);
  const different = {
    file: key([fileExtent(0, 1000, "/store/a/file2", 4096)]),
    tree: key([fileExtent(0, 1000, "/store/b/file", 4096)]),
    position: key([fileExtent(0, 1000, "/store/a/file", 8192)]),
    length: key([fileExtent(0, 1001, "/store/a/file", 4096)]),
    place: key([fileExtent(4096, 1000, "/store/a/file", 4096)]),
    more: key([fileExtent(0, 1000, "/store/a/file", 4096), fileExtent(4096, 1, "/store/a/x")]),
  };
  t.is(new Set([one, ...Object.values(different)]).size, 7);
  const whole = [0, 65_536, 2 ** 32].flatMap((position) => [
    key([fileExtent(0, 65_536, "/store/a/file", position)]),
    key([fileExtent(0, 65_536, "/store/a/file2", position)]),
    key([fileExtent(0, 65_535, "/store/a/file", position)]),
  ]);
  t.is(new Set(whole).size, 9, "of whole clusters as well");
  t.is(key([fileExtent(MiB, 1000, "/store/a/file", 4096)], tree, MiB), one, "another place on the disk");
  const elsewhere = { ...tree, folder: "/elsewhere" };
  t.is(key([fileExtent(0, 1000, "/elsewhere/a/file", 4096)], elsewhere), one, "another folder with the same trees");
  const changed = { ...tree, sums: new Map([["a", "3"]]) };
  t.not(key([fileExtent(0, 1000, "/store/a/file", 4096)], changed), one, "another sum of the same tree");
});
