import { createHash } from "node:crypto";
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import { GiB, MiB } from "../../src/base/units.ts";
import { keepWithinBounds } from "../../src/image/cluster-cache/kept-files.ts";
import { bytesExtent, fileExtent } from "../../src/image/extent.ts";
import type { Image } from "../../src/image/image.ts";
import { writeQcow2 } from "../../src/image/qcow2/write.ts";
import { temporaryFolder } from "./folder.ts";
import { pieces, sampleBytes, sampleImage } from "./sample.ts";

type Compression = "zlib" | "zstd";

/** Writes images beside each other, with and without a cache, and gives the SHA-256 of each. */
function writerIn(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const cache = join(folder, "cache");
  let next = 0;
  const write = async (image: Image, compression: Compression, cacheFolder?: string) => {
    const path = join(folder, `${(next += 1)}.qcow2`);
    await writeQcow2(image, path, { compression, cacheFolder });
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
    { numRuns: 25 },
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
  keepWithinBounds(folder);
  t.deepEqual(readdirSync(folder).toSorted(), ["clusters-zlib-a-1", "clusters-zlib-a-2", "toolbox-1"]);
  for (let index = 0; index < 40; index += 1) make(`clusters-zlib-b-${index}`, 1000, 10 + index);
  keepWithinBounds(folder);
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
