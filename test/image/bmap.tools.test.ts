import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { MiB } from "../../src/base/units.ts";
import { blockMapOf } from "../../src/image/bmap.ts";
import { bytesExtent } from "../../src/image/extent.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { temporaryFolder } from "./folder.ts";
import { pieces, sampleImage } from "./sample.ts";

test("bmaptool takes the map, finds its checksums right, and copies the image by it", async (t) => {
  const folder = temporaryFolder(t);
  const [raw, map, copy] = [join(folder, "disk.img"), join(folder, "disk.img.bmap"), join(folder, "copy")];
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const { image, bytes } = sampleImage(folder, list);
      await writeRaw(image, raw);
      writeFileSync(map, await blockMapOf(image));
      // What a range leaves out is not copied.
      writeFileSync(copy, Buffer.alloc(bytes.length));
      execFileSync("bmaptool", ["copy", "--bmap", map, raw, copy], { stdio: "pipe" });
      return readFileSync(copy).equals(bytes);
    }),
    { numRuns: 6 },
  );
  t.pass();
});

test("a map says which blocks hold data, and which of them follow each other", async (t) => {
  const block = (index: number, length = 4096) => bytesExtent(index * 4096, Buffer.alloc(length, 1));
  const text = await blockMapOf({
    size: 2 * MiB + 512,
    extents: [block(0), block(1, 1), block(255), block(256), block(512, 512)],
  });
  const ranges = [...text.matchAll(/<Range chksum="[0-9a-f]{64}"> (\S+) <\/Range>/g)].map(([, range]) => range);
  t.deepEqual(ranges, ["0-1", "255-256", "512"]);
  t.regex(text, /<BlocksCount> 513 </);
  t.regex(text, /<MappedBlocksCount> 5 </);
});

test("an interrupted map is none", async (t) => {
  const image = { size: MiB, extents: [bytesExtent(0, Buffer.alloc(512, 1))] };
  await t.throwsAsync(blockMapOf(image, { signal: AbortSignal.abort() }), { code: "INTERRUPTED" });
});
