import { randomBytes } from "node:crypto";
import { constants, deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import test from "ava";
import * as fc from "fast-check";
import { coderOf } from "../../src/image/qcow2/cluster-coder.ts";
import { clusterSize } from "../../src/image/qcow2/format.ts";
import { native } from "../../src/runtime/native.ts";
import { sampleBytes } from "./sample.ts";

// What QEMU inflates with, and what docs/decisions.md says of levels.
const deflate = { windowBits: 12, memLevel: 9 };
const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 2, [constants.ZSTD_c_windowLog]: 16 } };

const ways = [
  [
    "zlib",
    (bytes: Uint8Array) => deflateRawSync(bytes, deflate),
    (bytes: Uint8Array) => inflateRawSync(bytes, deflate),
  ],
  ["zstd", (bytes: Uint8Array) => zstdCompressSync(bytes, zstd), (bytes: Uint8Array) => zstdDecompressSync(bytes)],
] as const;

/** A cluster of runs of words, from all alike to all random. */
const clusters = fc
  .record({ seed: fc.integer({ min: 0, max: 255 }), random: fc.integer({ min: 0, max: clusterSize }) })
  .map(({ seed, random }) => Buffer.concat([sampleBytes(clusterSize - random, seed), randomBytes(random)]));

for (const [compression, compressed, decompressed] of ways) {
  test(`${compression}: a cluster is what Node makes of it, and comes back`, (t) => {
    const target = Buffer.alloc(2 * clusterSize);
    fc.assert(
      fc.property(clusters, (cluster) => {
        const form = target.subarray(0, coderOf(compression).compress(cluster, target) ?? 0);
        return form.equals(compressed(cluster)) && decompressed(form).equals(cluster);
      }),
      { numRuns: 50 },
    );
    t.pass();
  });

  test(`${compression}: what does not fit is left, and the next cluster is not touched by it`, (t) => {
    const coder = coderOf(compression);
    const target = Buffer.alloc(clusterSize - 1);
    t.is(coder.compress(randomBytes(clusterSize), target), undefined);
    const cluster = Buffer.alloc(clusterSize, "again and again ");
    const length = coder.compress(cluster, target) ?? 0;
    t.true(length > 0 && length < 1000, `${length}`);
    t.deepEqual(decompressed(target.subarray(0, length)), cluster);
    t.is(coder.compress(cluster, target.subarray(0, length - 1)), undefined);
  });
}

test("a function that this Node does not have is named", (t) => {
  t.throws(() => native().func("int no_such_function(void *)"), {
    code: "MISSING_TOOL",
    message: /does not offer "int no_such_function\(void \*\)"/,
  });
});
