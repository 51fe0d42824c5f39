import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { assert, integer, property } from "fast-check";
import test from "ava";
import { BlockMemory } from "../../src/machine/block-memory.ts";
import { checksumProgram } from "../../src/machine/checksum-program.ts";
import { blockSize, findDifferences } from "../../src/machine/checksums.ts";

test("the program is what wat2wasm makes of its source", (t) => {
  const source = fileURLToPath(new URL("../../src/machine/checksum.wat", import.meta.url));
  t.is(checksumProgram, execFileSync("wat2wasm", [source, "--output=-"]).toString("base64"));
});

test("each block has the low half of the XXH64 that xxh64sum says, in every piece", (t) => {
  const memory = new BlockMemory(2, 3 * blockSize);
  for (const piece of memory.pieces) {
    randomFillSync(piece);
    const blocks = [0, 1, 2].map((index) => piece.subarray(index * blockSize, (index + 1) * blockSize));
    t.deepEqual([...memory.checksums(piece)], blocks.map(referenceChecksum));
  }
});

test("zeros fill up the last block, and pieces are as long as whole blocks", (t) => {
  const memory = new BlockMemory(1, blockSize + 1);
  const piece = pieceOf(memory);
  t.is(piece.length, 2 * blockSize);
  piece.fill(0xa5);
  const checksums = memory.checksums(piece.subarray(0, blockSize + 100));
  t.is(checksums.length, 2);
  const filled = new Uint8Array(blockSize).fill(0xa5, 0, 100);
  t.is(checksums[1], referenceChecksum(filled));
  t.deepEqual(piece.subarray(blockSize), filled);
});

test("a block of zeros is known by its checksum", (t) => {
  const memory = new BlockMemory(1, blockSize);
  const piece = pieceOf(memory);
  t.deepEqual(findDifferences(memory.checksums(piece), undefined, piece.length), []);
  piece[blockSize - 1] = 1;
  t.is(findDifferences(memory.checksums(piece), undefined, piece.length).length, 1);
});

test("any single changed byte is found, in its block and no other", (t) => {
  const memory = new BlockMemory(1, 4 * blockSize);
  const length = 3 * blockSize + 100;
  const bytes = randomFillSync(pieceOf(memory).subarray(0, length));
  const expected = memory.checksums(bytes);
  const place = integer({ min: 0, max: length - 1 });
  assert(
    property(place, integer({ min: 1, max: 255 }), (at, flip) => {
      const before = bytes[at] ?? 0;
      bytes[at] = before ^ flip;
      const differences = findDifferences(memory.checksums(bytes), expected, length);
      bytes[at] = before;
      t.deepEqual(
        differences.map(({ start }) => start),
        [Math.floor(at / blockSize) * blockSize],
      );
    }),
    { numRuns: 200 },
  );
});

test("bits that are stuck everywhere are found, whichever they are", (t) => {
  const memory = new BlockMemory(1, blockSize);
  const piece = pieceOf(memory);
  const bytes = randomFillSync(new Uint8Array(blockSize));
  piece.set(bytes);
  const expected = memory.checksums(piece);
  for (let bit = 0; bit < 64; bit += 1) {
    const mask = 1 << (bit % 8);
    piece.set(bytes);
    for (let at = Math.floor(bit / 8); at < blockSize; at += 8) piece[at] = (piece[at] ?? 0) | mask;
    t.is(findDifferences(memory.checksums(piece), expected, blockSize).length, 1, `bit ${bit} of each word`);
  }
});

test("memory that is none of its pieces is refused", (t) => {
  t.throws(() => new BlockMemory(1, blockSize).checksums(new Uint8Array(blockSize)), { instanceOf: RangeError });
});

function pieceOf(memory: BlockMemory): Uint8Array {
  const [piece] = memory.pieces;
  if (piece === undefined) throw new Error("a memory has pieces");
  return piece;
}

/** The sum by Debian's xxh64sum, of which the last eight digits count. */
function referenceChecksum(block: Uint8Array): number {
  const [sum = ""] = execFileSync("xxh64sum", ["-"], { input: block, encoding: "utf8" }).split(" ");
  return Number.parseInt(sum.slice(-8), 16);
}
