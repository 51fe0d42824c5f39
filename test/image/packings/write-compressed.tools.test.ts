import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import test from "ava";
import * as fc from "fast-check";
import { byteString } from "../../../src/base/byte-string.ts";
import { MiB } from "../../../src/base/units.ts";
import { bytesExtent, fileExtent } from "../../../src/image/extent.ts";
import { compressorNames, compressors, type CompressorName } from "../../../src/image/packings/compressors.ts";
import { writeCompressed } from "../../../src/image/packings/write-compressed.ts";
import { run } from "../../../src/runtime/run.ts";
import { temporaryFolder } from "../folder.ts";
import { pieces, sampleBytes, sampleImage } from "../sample.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** The judgement of the format's own program, and the sum of what it unpacks. */
async function unpackedSum(name: CompressorName, path: string): Promise<string> {
  await run(name, ["--test", path]);
  const hash = createHash("sha256");
  await run(name, ["--decompress", "--stdout", path], { onBytes: (piece) => void hash.update(piece) });
  return hash.digest("hex");
}

for (const name of compressorNames) {
  test(`${name}: its own program finds no fault, and unpacks the image`, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, `disk.${compressors[name].ending}`);
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const { image, bytes } = sampleImage(folder, list);
        await writeCompressed(image, path, name);
        return (await unpackedSum(name, path)) === sha256(bytes);
      }),
      { numRuns: 10 },
    );
    t.pass();
  });

  test(`${name}: the same bytes for any number of pieces at a time, whether threads compress them or not`, async (t) => {
    const folder = temporaryFolder(t);
    const bytes = sampleBytes(19 * MiB + 77, 3);
    writeFileSync(join(folder, "source"), bytes);
    const size = 40 * MiB + 512;
    const made = { size, extents: [bytesExtent(5 * MiB, bytes)] };
    const read = { size, extents: [fileExtent(5 * MiB, bytes.length, byteString(join(folder, "source")))] };
    const sums = [];
    for (const [image, atATime] of [
      [made, 1],
      [read, 1],
      [read, 2],
      [read, 20],
    ] as const) {
      await writeCompressed(image, join(folder, "packed"), name, { pieces: atATime });
      sums.push(sha256(readFileSync(join(folder, "packed"))));
    }
    t.is(new Set(sums).size, 1);
  });

  test(`${name}: an image of nothing, and one of nothing but zeros`, async (t) => {
    const path = join(temporaryFolder(t), "packed");
    await writeCompressed({ size: 0, extents: [] }, path, name);
    t.is(await unpackedSum(name, path), sha256(new Uint8Array()));
    await writeCompressed({ size: 80 * MiB + 512, extents: [] }, path, name);
    t.is(await unpackedSum(name, path), sha256(Buffer.alloc(80 * MiB + 512)));
    t.true(readFileSync(path).length < MiB / 8);
  });

  test(`${name}: what goes wrong is said, and the next image is written`, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, "packed");
    const sound = { size: 16 * MiB, extents: [bytesExtent(0, sampleBytes(9 * MiB, 1))] };
    const broken = {
      size: 64 * MiB,
      extents: [...sound.extents, fileExtent(32 * MiB, MiB, byteString(join(folder, "missing")))],
    };
    await t.throwsAsync(writeCompressed(broken, path, name), { code: "SOURCE_CHANGED" });
    await t.throwsAsync(writeCompressed(sound, path, name, { signal: AbortSignal.abort() }), { code: "INTERRUPTED" });
    await t.throwsAsync(writeCompressed(sound, join(folder, "no", "folder"), name), { code: "ENOENT" });
    const seen: number[] = [];
    await writeCompressed(sound, path, name, { onProgress: (done) => void seen.push(done) });
    t.is(seen.at(-1), sound.size);
    t.notThrows(() => readFileSync(path));
  });
}

test("gzip: neither a time nor a name is in it, and it is one member", async (t) => {
  const path = join(temporaryFolder(t), "packed");
  await writeCompressed({ size: 3 * MiB, extents: [bytesExtent(0, sampleBytes(3 * MiB, 1))] }, path, "gzip");
  const bytes = readFileSync(path);
  t.is(bytes.toString("hex", 0, 10), "1f8b08000000000000ff");
  t.is(bytes.readUInt32LE(bytes.length - 4), 3 * MiB, "the length at the end is that of the whole");
});

test("gzip: lengths are counted modulo 4 GiB", (t) => {
  const piece = { stored: 1, length: MiB, checksum: 0 };
  const tail = Buffer.from(compressors.gzip.tail(Array.from({ length: 4 * 1024 + 3 }, () => piece)));
  t.is(tail.readUInt32LE(tail.length - 4), 3 * MiB);
});

test("zstd: any part is found by the seek table, without what is before it", async (t) => {
  const path = join(temporaryFolder(t), "packed");
  const contents = sampleBytes(9 * MiB, 7);
  await writeCompressed({ size: contents.length, extents: [bytesExtent(0, contents)] }, path, "zstd");
  const bytes = readFileSync(path);
  t.is(bytes.readUInt32LE(bytes.length - 4), 0x8f92eab1, "the mark of the seekable format");
  const count = bytes.readUInt32LE(bytes.length - 9);
  const table = bytes.length - 9 - count * 8;
  t.is(bytes.readUInt32LE(table - 8), 0x184d2a5e, "a frame that is skipped");
  t.is(bytes.readUInt32LE(table - 4), bytes.length - table);
  const entries = Array.from({ length: count }, (_, index) => ({
    stored: bytes.readUInt32LE(table + index * 8),
    length: bytes.readUInt32LE(table + index * 8 + 4),
  }));
  t.deepEqual(
    entries.map(({ length }) => length),
    [4 * MiB, 4 * MiB, MiB],
  );
  const start = (entries[0]?.stored ?? 0) + (entries[1]?.stored ?? 0);
  const last = bytes.subarray(start, start + (entries[2]?.stored ?? 0));
  t.deepEqual(zstdDecompressSync(last), contents.subarray(8 * MiB));
});
