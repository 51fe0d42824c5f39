import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { bytesExtent, fileExtent } from "../../src/image/extent.ts";
import { requireSpace, spaceError } from "../../src/image/free-space.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { MiB } from "../../src/base/units.ts";
import { temporaryFolder } from "./folder.ts";
import { pieces, sampleBytes, sampleImage } from "./sample.ts";

test("a raw file holds exactly the bytes that its extents say, and zeros elsewhere", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "disk.raw");
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const { image, bytes } = sampleImage(folder, list);
      await writeRaw(image, path);
      return readFileSync(path).equals(bytes);
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test("gaps and runs of zeros are holes", async (t) => {
  const path = join(temporaryFolder(t), "disk.raw");
  const extents = [
    bytesExtent(0, sampleBytes(100, 1)),
    { offset: MiB, length: 900 * MiB, source: { kind: "zeros" } as const },
    bytesExtent(1000 * MiB, sampleBytes(8192, 2)),
  ];
  await writeRaw({ size: 2048 * MiB, extents }, path);
  t.is(statSync(path).size, 2048 * MiB);
  t.true(statSync(path).blocks * 512 <= 64 * 1024);
});

test("what an older and longer file held is gone", async (t) => {
  const path = join(temporaryFolder(t), "disk.raw");
  writeFileSync(path, sampleBytes(100_000, 3));
  await writeRaw({ size: 8192, extents: [] }, path);
  t.deepEqual(readFileSync(path), Buffer.alloc(8192));
});

test("progress rises to the whole image", async (t) => {
  const path = join(temporaryFolder(t), "disk.raw");
  const seen: number[] = [];
  const image = { size: 16 * MiB, extents: [bytesExtent(0, sampleBytes(12 * MiB, 1))] };
  await writeRaw(image, path, { onProgress: (done) => seen.push(done) });
  t.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
  t.is(seen.at(-1), 16 * MiB);
});

test("an abort ends the writing soon", async (t) => {
  const folder = temporaryFolder(t);
  const controller = new AbortController();
  const source = join(folder, "source");
  writeFileSync(source, "");
  truncateSync(source, 4096 * MiB);
  let done = 0;
  const onProgress = (bytes: number) => {
    done = bytes;
    if (bytes >= 8 * MiB) controller.abort();
  };
  const image = { size: 4096 * MiB, extents: [fileExtent(0, 4096 * MiB, source)] };
  await t.throwsAsync(writeRaw(image, join(folder, "disk.raw"), { signal: controller.signal, onProgress }), {
    code: "INTERRUPTED",
  });
  t.true(done < 32 * MiB);
});

for (const [how, change] of [
  ["is gone", (path: string) => rmSync(path)],
  ["is shorter", (path: string) => truncateSync(path, 9999)],
  ["is longer", (path: string) => appendFileSync(path, "x")],
] as const) {
  test(`a source that ${how} than planned is named`, async (t) => {
    const folder = temporaryFolder(t);
    const source = join(folder, "source");
    writeFileSync(source, sampleBytes(10_000, 1));
    const extents = [
      { offset: 0, length: 10_000, source: { kind: "file", path: source, position: 0, fileSize: 10_000 } as const },
    ];
    change(source);
    await t.throwsAsync(writeRaw({ size: 20_480, extents }, join(folder, "disk.raw")), {
      code: "SOURCE_CHANGED",
      message: new RegExp(source),
    });
  });
}

test("a full disk is NO_SPACE, with what is needed and where", async (t) => {
  const full = await t.throwsAsync(writeFile("/dev/full", "x"));
  const error = await spaceError(full, "/dev/full", 8 * MiB);
  t.like(error, { code: "NO_SPACE" });
  t.regex(String(error), /no space left in \/dev: up to 8 MiB are needed there, .* are free/);
});

test("space is asked for before anything is written", async (t) => {
  await t.notThrowsAsync(requireSpace("/tmp", 1));
  await t.throwsAsync(requireSpace("/tmp", 2 ** 52), { code: "NO_SPACE", message: /4096 TiB are needed/ });
});

test("extents that are out of order, overlap or lie outside are a fault of the writer", async (t) => {
  const path = join(temporaryFolder(t), "disk.raw");
  const one = bytesExtent(4096, sampleBytes(4096, 1));
  await t.throwsAsync(writeRaw({ size: 16_384, extents: [one, bytesExtent(0, sampleBytes(10, 1))] }, path), {
    code: "INTERNAL",
  });
  await t.throwsAsync(writeRaw({ size: 16_384, extents: [one, bytesExtent(8191, sampleBytes(10, 1))] }, path), {
    code: "INTERNAL",
  });
  await t.throwsAsync(writeRaw({ size: 8191, extents: [one] }, path), { code: "INTERNAL" });
});
