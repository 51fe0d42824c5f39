import test from "ava";
import * as fc from "fast-check";
import { bytesExtent, type Extent, fileExtent } from "../../src/image/extent.ts";
import { splitImage } from "../../src/image/pieces.ts";
import { packExtents, unpackExtents } from "../../src/image/packed-extents.ts";
import { temporaryFolder } from "./folder.ts";
import { pieces, sampleImage } from "./sample.ts";

const pieceSize = 65_536;

test("pieces lie between the borders of a grid, and have all of an image's data in its order", (t) => {
  const folder = temporaryFolder(t);
  fc.assert(
    fc.property(pieces, (list) => {
      const { image } = sampleImage(folder, list);
      const split = [...splitImage(image, pieceSize)];
      for (const { offset, extents } of split) {
        t.is(offset % pieceSize, 0);
        for (const extent of extents) {
          t.true(extent.offset >= offset && extent.offset + extent.length <= offset + pieceSize);
        }
      }
      const data = [...image.extents].filter(({ source }) => source.kind !== "zeros");
      const parts = split.flatMap(({ extents }) => extents);
      t.is(lengthOf(parts), lengthOf(data));
    }),
    { numRuns: 30 },
  );
});

test("a file that reaches across a border goes on in the next piece where it stopped", (t) => {
  const image = { size: 3 * pieceSize, extents: [fileExtent(100, 2 * pieceSize, "/file", 7)] };
  t.deepEqual(
    [...splitImage(image, pieceSize)].flatMap(({ extents }) => extents),
    [
      fileExtent(100, pieceSize - 100, "/file", 7),
      fileExtent(pieceSize, pieceSize, "/file", 7 + pieceSize - 100),
      fileExtent(2 * pieceSize, 100, "/file", 7 + 2 * pieceSize - 100),
    ],
  );
});

const anyPath = fc.string({ unit: fc.nat(254).map((code) => String.fromCharCode(code + 1)), minLength: 1 });

const fileExtents = fc.array(
  fc.record({
    offset: fc.maxSafeNat(),
    length: fc.maxSafeNat(),
    source: fc.record(
      { kind: fc.constant("file" as const), path: anyPath, position: fc.maxSafeNat(), fileSize: fc.maxSafeNat() },
      { requiredKeys: ["kind", "path", "position"] },
    ),
  }),
);

test("extents of files are the same after they were sent to a thread", (t) => {
  fc.assert(
    fc.property(fileExtents, (extents) => {
      const sent = structuredClone(packExtents(extents));
      t.deepEqual([...unpackExtents(sent)], extents);
    }),
  );
});

test("nothing but files is sent to a thread", (t) => {
  t.throws(() => packExtents([bytesExtent(0, new Uint8Array(8))]), { instanceOf: TypeError, message: /of bytes/ });
});

function lengthOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, { length }) => sum + length, 0);
}
