import { closeSync, openSync, readSync, statSync, truncateSync } from "node:fs";
import { randomNumbers } from "../../../bench/random.ts";
import { overwrite } from "../../inspect/images.ts";

/** A part of a file in which damage matters more than elsewhere. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/**
 * Damages a file at a few places, most of them in these regions; the same seed does the same.
 *
 * @returns what was done.
 */
export function mutate(path: string, regions: readonly Region[], seed: number): string {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const done: string[] = [];
  for (let count = 1 + below(3); count > 0; count -= 1) {
    const { size } = statSync(path);
    const region = random() < 0.9 ? regions[below(regions.length)] : undefined;
    const { offset, length } = region ?? { offset: 0, length: size };
    const at = Math.min(offset + below(length), Math.max(0, size - 8));
    const [name, change] = changes[below(changes.length)] ?? changes[0];
    if (random() < 0.03) {
      truncateSync(path, at);
      done.push(`cut off at ${at}`);
      break;
    }
    change({ path, at, random: below });
    done.push(`${name} at ${at}`);
  }
  return done.join(", ");
}

interface Place {
  readonly path: string;
  readonly at: number;
  readonly random: (limit: number) => number;
}

const changes: readonly [[string, (place: Place) => void], ...[string, (place: Place) => void][]] = [
  ["a bit", ({ path, at, random }) => overwrite(path, at, Buffer.from([byteAt(path, at) ^ (1 << random(8))]))],
  ["a byte", ({ path, at, random }) => overwrite(path, at, Buffer.from([random(256)]))],
  ["zeros", ({ path, at, random }) => overwrite(path, at, Buffer.alloc(1 + random(8)))],
  ["ones", ({ path, at, random }) => overwrite(path, at, Buffer.alloc(1 + random(8), 0xff))],
  ["a small number", ({ path, at, random }) => overwrite(path, at - (at % 4), Buffer.from([random(16), 0, 0, 0]))],
  ["an empty sector", ({ path, at }) => overwrite(path, at - (at % 512), Buffer.alloc(512))],
  ["noise", ({ path, at, random }) => overwrite(path, at, Buffer.from(Array.from({ length: 32 }, () => random(256))))],
];

function byteAt(path: string, at: number): number {
  const byte = Buffer.alloc(1);
  const file = openSync(path, "r");
  readSync(file, byte, 0, 1, at);
  closeSync(file);
  return byte[0] ?? 0;
}
