import { execFileSync } from "node:child_process";
import test from "ava";
import { MiB } from "../../src/base/units.ts";
import { packed, type Packing, packingFor } from "../../src/remote/packing.ts";
import { noise } from "../real/disk-image.ts";

for (const [tools, unpack] of [
  [["gzip", "zstd"], "zstd -dcq"],
  [["gzip"], "gzip -dc"],
  [[], "cat"],
] as const) {
  test(`what is packed for a machine with ${tools.join(" and ") || "neither"} comes out of ${unpack}, whatever the levels`, async (t) => {
    const packing = packingFor(new Set<string>(tools));
    t.is(packing.unpack, unpack);
    const pieces = [Buffer.from("a line\n"), noise("first", 5 * MiB), Buffer.alloc(3 * MiB), noise("last", 9 * MiB)];
    let time = 1;
    // A machine that is slow at some times and fast at others.
    const stream: Uint8Array[] = [];
    for await (const piece of packed(pieces, packing, () => (time += (time * 7) % 5))) stream.push(piece);
    const [program = "", ...arguments_] = unpack.split(" ");
    const found = execFileSync(program, arguments_, { input: Buffer.concat(stream), maxBuffer: 64 * MiB });
    t.is(Buffer.compare(found, Buffer.concat(pieces)), 0);
  });
}

/** The levels of pieces for a machine that takes each in some seconds; packing takes as many as the level. */
async function levelsFor(secondsToTake: number, pieces: readonly Uint8Array[]): Promise<number[]> {
  const chosen: number[] = [];
  let time = 0;
  const packing: Packing = {
    unpack: "",
    levels: [1, 3, 6, 9],
    pack: (bytes, level) => {
      time += level;
      chosen.push(level);
      return Promise.resolve(bytes);
    },
  };
  for await (const _ of packed(pieces, packing, () => time)) time += secondsToTake;
  return chosen;
}

const long = Array.from({ length: 6 }, () => new Uint8Array(4 * MiB));

test("a machine that takes pieces slowly gets small ones, up to what is as fast", async (t) => {
  t.deepEqual(await levelsFor(100, long), [3, 6, 9, 9, 9, 9]);
  t.deepEqual(await levelsFor(5, long), [3, 6, 6, 6, 6, 6]);
});

test("for a machine that waits they are made faster", async (t) => {
  t.deepEqual(await levelsFor(0.1, long), [3, 1, 1, 1, 1, 1]);
});

test("a wait counts wherever in between it comes, and short pieces alone change nothing", async (t) => {
  const short = new Uint8Array(100);
  t.deepEqual(await levelsFor(100, [short, short, short]), [3, 3, 3]);
  const lines = long.flatMap((piece) => [short, piece]);
  t.deepEqual((await levelsFor(100, lines)).slice(-2), [9, 9]);
});
