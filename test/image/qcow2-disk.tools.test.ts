import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { KiB, MiB } from "../../src/base/units.ts";
import { Qcow2Disk } from "../../src/image/qcow2/read/qcow2-disk.ts";
import { writeQcow2 } from "../../src/image/qcow2/write.ts";
import { SourceReader } from "../../src/image/source-reader.ts";
import { overwrite, tool } from "../inspect/images.ts";
import { temporaryFolder } from "./folder.ts";
import { plain, tablesOf, word, words } from "./qcow2-file.ts";
import { pieces, sampleBytes, sampleImage } from "./sample.ts";

for (const compression of ["none", "zlib", "zstd"] as const) {
  test(`${compression}: what was written as a qcow2 is read in it, from any place on`, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, "disk.qcow2");
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(pieces, place, place, async (list, from, to) => {
        const { image, bytes } = sampleImage(folder, list);
        await writeQcow2(image, path, { compression });
        using disk = await opened(path);
        assertSame(disk, bytes, Math.floor(from * bytes.length), Math.floor(to * bytes.length));
      }),
      { numRuns: 20 },
    );
    t.pass();
  });
}

for (const [name, ...options] of [
  ["clusters of 512 bytes, in version 2", "-o", "cluster_size=512,compat=0.10"],
  ["compressed clusters of 512 bytes", "-c", "-o", "cluster_size=512"],
  ["clusters of 2 MiB", "-o", "cluster_size=2M"],
  ["compressed clusters of 2 MiB", "-c", "-o", "cluster_size=2M"],
  ["zstd in clusters of 4 KiB", "-c", "-o", "cluster_size=4k,compression_type=zstd"],
  ["refcounts of one bit", "-o", "refcount_bits=1"],
  ["tables that were made in advance", "-o", "preallocation=metadata"],
] as const) {
  test(`${name}: what QEMU wrote is read as QEMU reads it`, async (t) => {
    const folder = temporaryFolder(t);
    const [raw, path] = [join(folder, "disk.raw"), join(folder, "disk.qcow2")];
    const bytes = mixture();
    writeFileSync(raw, bytes);
    tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", ...options, raw, path);
    using disk = await opened(path);
    assertSame(disk, bytes, 0, bytes.length);
    assertSame(disk, bytes, 12_345, 3 * MiB + 1);
    t.pass();
  });
}

test("clusters that were made zeros, thrown away or written anew since a snapshot are as they are now", async (t) => {
  const folder = temporaryFolder(t);
  const [raw, path] = [join(folder, "disk.raw"), join(folder, "disk.qcow2")];
  writeFileSync(raw, mixture());
  tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, path);
  tool("qemu-img", "snapshot", "-c", "before", path);
  const changes = ["write -z 64k 128k", "discard 1M 64k", "write -P 77 300k 100k"];
  tool("qemu-io", "-f", "qcow2", ...changes.flatMap((change) => ["-c", change]), path);
  tool("qemu-img", "convert", "-f", "qcow2", "-O", "raw", path, raw);
  using disk = await opened(path);
  const now = readFileSync(raw);
  t.is(now[350 * KiB], 77);
  assertSame(disk, now, 0, now.length);
});

test("data and holes are told by their clusters", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "disk.qcow2");
  const extents = [
    { offset: MiB, length: 100, source: { kind: "bytes", bytes: sampleBytes(100, 1) } as const },
    { offset: MiB + 64 * KiB, length: 100, source: { kind: "bytes", bytes: sampleBytes(100, 1) } as const },
    { offset: 5 * MiB, length: 100, source: { kind: "bytes", bytes: sampleBytes(100, 1) } as const },
  ];
  await writeQcow2({ size: 2048 * MiB, extents }, path, { compression: "zlib" });
  using disk = await opened(path);
  t.is(disk.storedBytes, 192 * KiB);
  t.deepEqual(
    [0, MiB, MiB + 5, MiB + 128 * KiB, 6 * MiB].map((at) => disk.seek(at, "data")),
    [MiB, MiB, MiB + 5, 5 * MiB, undefined],
  );
  t.deepEqual(
    [0, MiB, MiB + 5, MiB + 128 * KiB, 5 * MiB].map((at) => disk.seek(at, "hole")),
    [0, MiB + 128 * KiB, MiB + 128 * KiB, MiB + 128 * KiB, 5 * MiB + 64 * KiB],
  );
});

test("left to QEMU: parts of clusters", async (t) => {
  const path = join(temporaryFolder(t), "disk.qcow2");
  tool("qemu-img", "create", "-q", "-f", "qcow2", "-o", "extended_l2=on", path, "8M");
  t.is(await Qcow2Disk.open(path), undefined);
});

for (const [what, damage] of [
  ["whose clusters are encrypted", (path: string) => overwrite(path, 32, Buffer.from([0, 0, 0, 2]))],
  ["with a feature of tomorrow", (path: string) => overwrite(path, 78, Buffer.from([1]))],
  ["of a later version", (path: string) => overwrite(path, 4, Buffer.from([0, 0, 0, 4]))],
  ["with a backing file", (path: string) => overwrite(path, 8, word(512))],
  ["whose first-level table is outside of the file", (path: string) => overwrite(path, 40, word(2 ** 40))],
  ["whose first-level table is too short", (path: string) => overwrite(path, 36, Buffer.alloc(4))],
  [
    "whose first-level table names what is outside",
    (path: string) => overwrite(path, tablesOf(path).l1, word(2 ** 40)),
  ],
  ["whose cluster begins within another", (path: string) => overwrite(path, tablesOf(path).l2, word(64 * KiB + 512))],
  [
    "of version 2 with a bit that says zeros",
    (path: string) => {
      overwrite(path, 4, Buffer.from([0, 0, 0, 2]));
      overwrite(path, tablesOf(path).l2, word(1));
    },
  ],
  ["that names a cluster outside", (path: string) => overwrite(path, tablesOf(path).l2, word(2 ** 40))],
  ["that was cut off", (path: string) => truncateSync(path, 300 * KiB)],
  ["that is shorter than a header", (path: string) => truncateSync(path, 100)],
] as const) {
  test(`left to QEMU: a qcow2 ${what}`, async (t) => {
    const path = await plain(t);
    damage(path);
    t.is(await Qcow2Disk.open(path), undefined);
  });
}

test("left to QEMU: a table that stands for all of a disk of terabytes, and clusters that are one and the same", async (t) => {
  const path = await plain(t);
  const { l2 } = tablesOf(path);
  const table = readFileSync(path).subarray(l2, l2 + 64 * KiB);
  const data = table.readBigUInt64BE(0);
  const many = Buffer.from(new BigUint64Array(8192).fill(data).buffer).swap64();
  overwrite(path, l2, many);
  overwrite(path, 24, word(512 * MiB));
  t.is(await Qcow2Disk.open(path), undefined, "clusters");
  overwrite(path, l2, Buffer.alloc(64 * KiB));
  const l1 = Buffer.from(new BigUint64Array(8192).fill(BigInt(l2)).buffer).swap64();
  overwrite(path, tablesOf(path).l1, l1);
  overwrite(path, 36, Buffer.from([0, 0, 0x20, 0]));
  overwrite(path, 24, word(2 ** 42));
  t.is(await Qcow2Disk.open(path), undefined, "tables");
});

test("left to QEMU: what stands for more than is stored of a file of holes, and a table that is named twice", async (t) => {
  const path = await plain(t);
  const { l1, l2 } = tablesOf(path);
  truncateSync(path, 8192 * MiB);
  overwrite(path, 24, word(4096 * MiB));
  overwrite(path, 36, Buffer.from([0, 0, 0, 8]));
  (await opened(path))[Symbol.dispose]();
  overwrite(
    path,
    l1,
    words(8, (index) => (index < 2 ? l2 : 0)),
  );
  t.is(await Qcow2Disk.open(path), undefined, "a table twice");
  overwrite(
    path,
    l1,
    words(8, (index) => (index === 0 ? l2 : 0)),
  );
  overwrite(
    path,
    l2,
    words(1024, (index) => 64 * MiB + index * 64 * KiB),
  );
  t.is(await Qcow2Disk.open(path), undefined, "clusters in holes");
  overwrite(path, 40, word(64 * MiB));
  overwrite(path, 36, Buffer.from([0, 0, 2, 0]));
  overwrite(path, 24, word(256 * 1024 * MiB));
  overwrite(
    path,
    64 * MiB,
    words(512, (index) => 128 * MiB + index * 64 * KiB),
  );
  t.is(await Qcow2Disk.open(path), undefined, "tables in holes");
});

test("the first-level table is read up to the disk's end", async (t) => {
  const path = await plain(t);
  overwrite(path, 36, Buffer.from([0, 0, 0, 2]));
  overwrite(path, tablesOf(path).l1 + 8, word(2 ** 40));
  using disk = await opened(path);
  t.is(disk.storedBytes, MiB);
});

for (const compression of ["zlib", "zstd"] as const) {
  test(`${compression}: a compressed cluster that is damaged is no bytes of the disk`, async (t) => {
    const path = join(temporaryFolder(t), "disk.qcow2");
    const extents = [
      { offset: 0, length: 64 * KiB, source: { kind: "bytes", bytes: Buffer.alloc(64 * KiB, "compresses ") } as const },
    ];
    await writeQcow2({ size: MiB, extents }, path, { compression });
    const entry = readFileSync(path).readBigUInt64BE(tablesOf(path).l2);
    overwrite(path, Number(entry & ((1n << 54n) - 1n)), Buffer.alloc(64, 0xa5));
    using disk = await opened(path);
    t.throws(() => disk.read(0, 512), { code: "BAD_IMAGE", message: /compressed cluster of the image is damaged/ });
    t.deepEqual(disk.read(128 * KiB, 512), Buffer.alloc(512));
  });
}

test("an extent behind the disk's end has no bytes", async (t) => {
  using disk = await opened(await plain(t));
  using reader = new SourceReader();
  const target = { buffer: Buffer.alloc(512), start: 0, length: 512 };
  t.throws(() => reader.read(disk.sourceAt(disk.size), 0, target), { code: "BAD_IMAGE" });
  t.is(disk.read(disk.size, 512).length, 0);
});

async function opened(path: string): Promise<Qcow2Disk> {
  const disk = await Qcow2Disk.open(path);
  if (disk === undefined) throw new Error(`${path} is not read in place`);
  return disk;
}

/** Compares a part, as it is read at once and as an extent gives it. */
function assertSame(disk: Qcow2Disk, bytes: Buffer, from: number, to: number): void {
  const [start, end] = from < to ? [from, to] : [to, from];
  const target = { buffer: Buffer.alloc(end - start + 1), start: 0, length: end - start };
  using reader = new SourceReader();
  reader.read(disk.sourceAt(start), 0, target);
  const wanted = bytes.subarray(start, end);
  if (disk.size !== bytes.length) throw new Error(`a disk of ${disk.size} bytes in place of ${bytes.length}`);
  if (!disk.read(start, end - start).equals(wanted)) throw new Error(`bytes ${start} to ${end} differ`);
  if (!target.buffer.subarray(0, -1).equals(wanted)) throw new Error(`bytes ${start} to ${end} of an extent differ`);
}

/** Zeros, what compresses, and what does not. */
function mixture(): Buffer {
  const parts = [sampleBytes(700_000, 1), Buffer.alloc(500_000), sampleBytes(3 * MiB, 2), Buffer.alloc(MiB)];
  return Buffer.concat([...parts, Buffer.alloc(512 - (parts.reduce((sum, { length }) => sum + length, 0) % 512))]);
}
