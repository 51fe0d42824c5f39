import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import { MiB } from "../base/units.ts";
import type { Clock } from "../runtime/clock.ts";

/** A way to pack a stream, piece by piece, and the command that unpacks all of them, one behind the other. */
export interface Packing {
  readonly unpack: string;
  /** From the fastest to the smallest. */
  readonly levels: readonly [number, ...number[]];
  pack(bytes: Uint8Array, level: number): Promise<Uint8Array>;
}

/** The best way that a machine with these programs can unpack. */
export function packingFor(tools: ReadonlySet<string>): Packing {
  if (tools.has("zstd")) return zstd;
  return tools.has("gzip") ? gzipped : plain;
}

/** The costs of unpacking do not depend on the level; what a level needs of the other machine's memory, to 9, is a few MiB. */
const zstd: Packing = {
  unpack: "zstd -dcq",
  levels: [1, 3, 6, 9],
  pack: (bytes, level) => promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } }),
};

const gzipped: Packing = {
  unpack: "gzip -dc",
  levels: [1, 3, 6],
  pack: (bytes, level) => promisify(gzip)(bytes, { level }),
};

const plain: Packing = { unpack: "cat", levels: [0], pack: (bytes) => Promise.resolve(bytes) };

/**
 * Packs pieces as hard as the other machine leaves time for: when it takes them more slowly than they are made, the next ones become
 * smaller, and when it waits for them, they are made faster. Over SSH a byte costs the other machine more than to unpack it.
 */
export async function* packed(
  pieces: Iterable<Uint8Array>,
  { levels, pack }: Packing,
  now: Clock["now"],
): AsyncGenerator<Uint8Array> {
  let chosen = Math.min(1, levels.length - 1);
  let seen = { bytes: 0, working: 0, waiting: 0 };
  let asked = now();
  for (const piece of pieces) {
    const bytes = await pack(piece, levels[chosen] ?? levels[0]);
    const made = now();
    yield bytes;
    const [from, { working, waiting }] = [asked, seen];
    asked = now();
    seen = { bytes: seen.bytes + piece.length, working: working + made - from, waiting: waiting + asked - made };
    if (seen.bytes < tellingSize) continue;
    chosen = Math.max(0, Math.min(chosen + changeOf(seen), levels.length - 1));
    seen = { bytes: 0, working: 0, waiting: 0 };
  }
}

/** Less fits into what lies between the two machines, and tells nothing of the other one. */
const tellingSize = 4 * MiB;

/** A step up or down, from seconds. Half-way between the two nothing is changed, so that it does not go to and fro. */
function changeOf({ working, waiting }: { readonly working: number; readonly waiting: number }): number {
  if (waiting > working) return 1;
  return waiting < working / 4 ? -1 : 0;
}
