import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { bytesExtent, fileExtent } from "../../src/image/extent.ts";
import type { Image } from "../../src/image/image.ts";
import { writeQcow2 } from "../../src/image/qcow2/write.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { GiB, MiB } from "../../src/base/units.ts";
import { run } from "../../src/runtime/run.ts";
import { temporaryFolder } from "./folder.ts";
import { pieces, sampleBytes, sampleImage } from "./sample.ts";

/** qemu-img's judgement: neither an error nor a leak, and the bytes of the raw image. Both commands fail otherwise. */
async function judge(qcow2: string, raw: string): Promise<void> {
  await run("qemu-img", ["check", "-f", "qcow2", qcow2]);
  await run("qemu-img", ["compare", "-f", "qcow2", "-F", "raw", qcow2, raw]);
}

for (const compression of ["none", "zlib", "zstd"] as const) {
  test(`qcow2 with compression ${compression}: qemu-img finds no fault and reads what raw says`, async (t) => {
    const folder = temporaryFolder(t);
    const [raw, qcow2] = [join(folder, "disk.raw"), join(folder, "disk.qcow2")];
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const { image } = sampleImage(folder, list);
        await writeRaw(image, raw);
        await writeQcow2(image, qcow2, { compression });
        await judge(qcow2, raw);
      }),
      { numRuns: 12 },
    );
    t.pass();
  });

  test(`qcow2 with compression ${compression}: the same bytes for any number of pieces at a time`, async (t) => {
    const folder = temporaryFolder(t);
    const { image } = sampleImage(folder, mixture);
    const digests = [];
    for (const atATime of [1, 2, 5]) {
      const path = join(folder, `${atATime}.qcow2`);
      await writeQcow2(image, path, { compression, pieces: atATime });
      digests.push(createHash("sha256").update(readFileSync(path)).digest("hex"));
    }
    t.is(new Set(digests).size, 1);
  });
}

test("what goes wrong half-way is said, and the next image is written", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "disk.qcow2");
  const missing = fileExtent(32 * MiB, MiB, join(folder, "missing"));
  const size = 64 * MiB;
  const broken = { size, extents: [bytesExtent(0, sampleBytes(16 * MiB, 1)), missing] };
  await t.throwsAsync(writeQcow2(broken, path, { compression: "zlib" }), { code: "SOURCE_CHANGED" });
  await t.throwsAsync(run("qemu-img", ["check", "-f", "qcow2", path]), undefined, "without a header it is no image");
  const signal = AbortSignal.abort();
  const sound = { size, extents: [bytesExtent(0, sampleBytes(16 * MiB, 1))] };
  await t.throwsAsync(writeQcow2(sound, path, { compression: "zlib", signal }), { code: "INTERRUPTED" });
  await t.throwsAsync(writeQcow2(sound, join(folder, "no", "folder"), { compression: "zlib" }), { code: "ENOENT" });
  await writeQcow2(sound, path, { compression: "zlib" });
  await t.notThrowsAsync(run("qemu-img", ["check", "-f", "qcow2", path]));
});

const mixture = Array.from({ length: 20 }, (_, seed) => ({ kind: "bytes", length: 700_001, seed }) as const);

test("compression makes a file smaller, and clusters of zeros take no room", async (t) => {
  const folder = temporaryFolder(t);
  const image: Image = {
    size: 64 * MiB,
    extents: [bytesExtent(0, Buffer.alloc(30 * MiB)), bytesExtent(32 * MiB, sampleBytes(16 * MiB, 1))],
  };
  const sizes = [];
  for (const compression of ["none", "zlib"] as const) {
    await writeQcow2(image, join(folder, "disk.qcow2"), { compression });
    sizes.push(statSync(join(folder, "disk.qcow2")).size);
  }
  const [plain = 0, packed = 0] = sizes;
  t.true(plain < 17 * MiB, `${plain}`);
  t.true(packed < 9 * MiB, `${packed}`);
});

test("a disk of 5 TiB, of which little is used, has correct tables", async (t) => {
  const folder = temporaryFolder(t);
  const [qcow2, raw] = [join(folder, "disk.qcow2"), join(folder, "disk.raw")];
  const size = 5 * 1024 * GiB;
  const ends = [bytesExtent(0, sampleBytes(100_000, 1)), bytesExtent(size - 100_000, sampleBytes(100_000, 2))];
  await writeQcow2({ size, extents: ends }, qcow2, { compression: "zstd" });
  await run("qemu-img", ["check", "-f", "qcow2", qcow2]);
  await run("qemu-img", [
    "dd",
    "-f",
    "qcow2",
    "-O",
    "raw",
    "bs=65536",
    `skip=${(size - 131_072) / 65_536}`,
    `if=${qcow2}`,
    `of=${raw}`,
  ]);
  t.true(
    readFileSync(raw)
      .subarray(131_072 - 100_000)
      .equals(sampleBytes(100_000, 2)),
  );
});

test("QEMU can write to it", async (t) => {
  const folder = temporaryFolder(t);
  const qcow2 = join(folder, "disk.qcow2");
  await writeQcow2(sampleImage(folder, mixture).image, qcow2, { compression: "zlib" });
  await run("qemu-img", ["resize", "-f", "qcow2", qcow2, "1G"]);
  await run("qemu-img", ["snapshot", "-c", "one", qcow2]);
  await run("qemu-img", ["check", "-f", "qcow2", qcow2]);
  t.pass();
});

test("an abort ends the writing, and no image is left that could be taken for one", async (t) => {
  const folder = temporaryFolder(t);
  const controller = new AbortController();
  const options = { compression: "zlib", signal: controller.signal, onProgress: () => controller.abort() } as const;
  await t.throwsAsync(writeQcow2(sampleImage(folder, mixture).image, join(folder, "disk.qcow2"), options), {
    code: "INTERRUPTED",
  });
  await t.throwsAsync(run("qemu-img", ["check", "-f", "qcow2", join(folder, "disk.qcow2")]), {
    code: "COMMAND_FAILED",
  });
});
