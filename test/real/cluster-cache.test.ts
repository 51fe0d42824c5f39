import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { bytesExtent, type Extent } from "../../src/image/extent.ts";
import { writeQcow2 } from "../../src/image/qcow2/write.ts";
import { sampleBytes } from "../image/sample.ts";
import { judge, temporaryFolder } from "./loop-device.ts";
import { demoSystem, mkimage } from "./mkimage.ts";
import { mountMemory } from "./reflink-scene.ts";

// The cache of compressed clusters, on disks that are full or cannot be written to, and shared by several builds.

const sumOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** A folder of store paths: the first of them, and one of its own. */
function makeStore(folder: string, own: number): string {
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8, own]) {
    const path = join(folder, `${"0".repeat(31)}${number}-package`);
    mkdirSync(path, { recursive: true });
    const lines = Array.from({ length: 100_000 + number * 1000 }, (_, index) => Math.imul(index, number + 77_777));
    writeFileSync(join(path, "large"), lines.join("\n"));
    writeFileSync(join(path, "small"), `${number}`);
  }
  return folder;
}

/** Builds an image of a folder, and gives its file. */
async function build(t: ExecutionContext, root: string, out: string, cache: string, flags: readonly string[] = []) {
  const request = ["--root", root, "--partition", "none", "--format", "qcow2-compressed", "--additional-space", "0"];
  const environment = { XDG_CACHE_HOME: cache };
  const { stdout } = await mkimage(t, ["build", ...request, ...flags, "--out", out], { environment });
  return stdout.trim();
}

/** The clusters, or trees, that are kept in a cache folder. */
const keptIn = (cache: string, kind = "clusters") =>
  readdirSync(join(cache, "mkimage")).filter((name) => name.startsWith(`${kind}-`));

for (const compression of ["zlib", "zstd"]) {
  test(`${compression}: builds at once share a cache, and e2fsck finds nothing to say`, async (t) => {
    const folder = temporaryFolder(t);
    const cache = join(folder, "cache");
    const roots = [9, 0].map((own) => makeStore(join(folder, `store-${own}`), own));
    const all = (round: string, ...flags: string[]) =>
      Promise.all(
        roots.map((root, index) =>
          build(t, root, join(folder, `${round}-${index}`), cache, ["--compression", compression, ...flags]),
        ),
      );
    const without = (await all("without", "--no-cache")).map(sumOf);
    t.false(readdirSync(folder).includes("cache"), "--no-cache keeps nothing");
    const cold = await all("cold");
    t.deepEqual(cold.map(sumOf), without);
    const kept = keptIn(cache);
    const sizes = kept.map((name) => statSync(join(cache, "mkimage", name)).size).toSorted((one, other) => one - other);
    t.true(
      availableParallelism() > 16 || (sizes.length === 2 && (sizes[0] ?? 0) < 0.3 * (sizes[1] ?? 0)),
      `what both have is compressed once: ${sizes.join()}`,
    );
    t.deepEqual((await all("warm")).map(sumOf), without);
    t.deepEqual(keptIn(cache), kept);
    for (const path of cold) {
      judge("qemu-img", "convert", "-O", "raw", path, `${path}.raw`);
      judge("e2fsck", "-fn", `${path}.raw`);
    }
  });
}

test("on a host of a fleet nothing large is compressed that another host has", async (t) => {
  const folder = temporaryFolder(t);
  const cache = join(folder, "cache");
  const sizes = [];
  for (const own of [9, 0]) {
    await build(t, makeStore(join(folder, `store-${own}`), own), join(folder, `out-${own}`), cache);
    sizes.push(keptIn(cache).reduce((sum, name) => sum + readFileSync(join(cache, "mkimage", name)).length, 0));
  }
  const [first = 0, both = 0] = sizes;
  // One store path of nine, the inodes, and records.
  t.true(both - first < 0.2 * first, `${first} ${both}`);
});

test("systems whose store paths are known have the bytes that they have without a cache", async (t) => {
  const folder = temporaryFolder(t);
  const cache = join(folder, "cache");
  const kept: number[][] = [];
  for (const name of ["systemd-boot", "systemd-boot-xbootldr", "systemd-boot"] as const) {
    const request = [
      "build",
      demoSystem(name),
      "--format",
      "qcow2-compressed",
      "--force",
      "--out",
      join(folder, "out"),
    ];
    const environment = { XDG_CACHE_HOME: cache };
    const { stdout: without } = await mkimage(t, [...request, "--no-cache"], { environment });
    const sum = sumOf(without.trim());
    const { stdout: path } = await mkimage(t, request, { environment });
    t.is(sumOf(path.trim()), sum, name);
    kept.push([keptIn(cache).length, keptIn(cache, "trees").length]);
    // The trees of the first system are read anew for the third build.
    const [trees = ""] = keptIn(cache, "trees");
    if (kept.length === 1) truncateSync(join(cache, "mkimage", trees), 1000);
  }
  t.deepEqual(kept, [
    [1, 1],
    [2, 2],
    [2, 3],
  ]);
});

test("in a build of Nix's nothing is kept", async (t) => {
  const folder = temporaryFolder(t);
  const root = makeStore(join(folder, "store"), 9);
  const request = ["--root", root, "--partition", "none", "--format", "qcow2-compressed", "--out", join(folder, "out")];
  const environment = { HOME: "/homeless-shelter", XDG_CACHE_HOME: join(folder, "cache") };
  await mkimage(t, ["build", ...request], { environment });
  t.false(readdirSync(folder).includes("cache") && keptIn(join(folder, "cache")).length > 0);
});

const size = 40 * MiB;
const extents = [0, 10, 20].map((place) => bytesExtent(place * MiB, sampleBytes(6 * MiB, place)));

test("a disk that is full half-way ends the cache, and not the image", async (t) => {
  const folder = temporaryFolder(t);
  const cacheFolder = mountMemory(t, "size=64m");
  await writeQcow2({ size, extents }, join(folder, "without"), { compression: "zlib" });
  function* filling(): Generator<Extent> {
    for (const extent of extents) {
      yield extent;
      fill(join(cacheFolder, "others"));
    }
  }
  await writeQcow2({ size, extents: filling() }, join(folder, "full"), {
    compression: "zlib",
    cache: { folder: cacheFolder },
  });
  t.deepEqual(readdirSync(cacheFolder), ["others"]);
  rmSync(join(cacheFolder, "others"));
  for (const name of ["cold", "warm"]) {
    await writeQcow2({ size, extents }, join(folder, name), { compression: "zlib", cache: { folder: cacheFolder } });
    t.is(readdirSync(cacheFolder).length, 1);
  }
  const [without, ...others] = ["without", "full", "cold", "warm"].map((name) => sumOf(join(folder, name)));
  t.deepEqual(new Set(others), new Set([without]));
});

test("a cache that can only be read is read", async (t) => {
  const folder = temporaryFolder(t);
  const cacheFolder = mountMemory(t);
  const write = async (name: string, seeds: readonly Extent[]) => {
    await writeQcow2({ size, extents: seeds }, join(folder, name), {
      compression: "zstd",
      cache: { folder: cacheFolder },
    });
    return sumOf(join(folder, name));
  };
  await write("first", extents.slice(1));
  const [kept] = readdirSync(cacheFolder);
  judge("mount", "-o", "remount,ro", cacheFolder);
  await writeQcow2({ size, extents }, join(folder, "without"), { compression: "zstd" });
  t.is(await write("second", extents), sumOf(join(folder, "without")));
  t.deepEqual(readdirSync(cacheFolder), [kept]);
});

/** Takes all the room that there is. */
function fill(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(128 * MiB));
  } catch {
    // It is full.
  }
}
