import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomNumbers } from "./random.ts";

/** The parts of a tree of store paths. */
export interface TreeShape {
  readonly seed: number;
  readonly files: number;
  /** Of all files together, in bytes. */
  readonly bytes: number;
  readonly storePaths: number;
  /** Files in one folder that has no other folders. */
  readonly flatFiles: number;
}

/** As large as the closure of a small server: 1.4 GB in 53,000 files. */
export const closureShape: TreeShape = { seed: 1, files: 33_000, bytes: 1.4e9, storePaths: 600, flatFiles: 20_000 };

/** A flat folder and nothing else. */
export const flatShape: TreeShape = { seed: 2, files: 0, bytes: 2e7, storePaths: 0, flatFiles: 20_000 };

/**
 * Makes a folder of store paths. Sizes follow a log-normal distribution, as those of a real closure do: most files are
 * of one block, a few large ones hold most of the bytes. The contents compress like binaries and text do.
 */
export function makeTree(folder: string, shape: TreeShape): void {
  const random = randomNumbers(shape.seed);
  const sizes = fileSizes(shape, random);
  const material = compressibleBytes(random);
  for (let index = 0; index < shape.files; index += 1) {
    const path = join(folder, fileName(index, shape));
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content(material, sizes[index] ?? 0, random));
    if (index % 12 === 0) symlinkSync(`file-${index}`, `${path}-link`);
  }
  writeFlatFolder(join(folder, "flat"), shape, material, random);
}

function writeFlatFolder(folder: string, shape: TreeShape, material: Buffer, random: () => number): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < shape.flatFiles; index += 1) {
    writeFileSync(join(folder, `${storeHash(index)}-entry`), content(material, Math.floor(random() * 2000), random));
  }
}

function fileName(index: number, shape: TreeShape): string {
  const path = index % shape.storePaths;
  const folder = Math.floor(index / shape.storePaths) % 9;
  return `${storeHash(path)}-package-${path}/share/${folder}/file-${index}`;
}

/** 32 characters of the alphabet that Nix uses. */
export function storeHash(number: number): string {
  const alphabet = "0123456789abcdfghijklmnpqrsvwxyz";
  const random = randomNumbers(number + 1000);
  return Array.from({ length: 32 }, () => alphabet[Math.floor(random() * 32)]).join("");
}

function fileSizes(shape: TreeShape, random: () => number): number[] {
  const weights = Array.from({ length: shape.files }, () => Math.exp(2.4 * normal(random)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => Math.floor((weight / total) * shape.bytes));
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * 8 MiB that compress as programs and their data do: a few new bytes, small ones most often, are followed by some that
 * stood there shortly before. Of the clusters of a closure, zlib with QEMU's window makes 38 % and zstd 38 %; of Debian's
 * /usr/bin and /usr/share, 1 GB in 52,000 files, 39 % and 38 %.
 */
function compressibleBytes(random: () => number): Buffer {
  const bytes = Buffer.alloc(8 * 1024 ** 2);
  for (let end = 0; end < bytes.length;) {
    for (let left = 1 + exponential(8, random); left > 0; left -= 1) bytes[end++] = 256 * random() ** 2;
    const distance = Math.min(Math.floor(longestDistance ** random()), end);
    for (let left = 3 + exponential(16, random); left > 0; left -= 1) bytes[end] = bytes[end++ - distance] ?? 0;
  }
  return bytes;
}

const longestDistance = 8 * 1024;

/** A whole number, of this mean. */
function exponential(mean: number, random: () => number): number {
  return Math.floor(-Math.log(1 - random()) * mean);
}

function content(material: Buffer, size: number, random: () => number): Buffer {
  const start = Math.floor(random() * (material.length / 2));
  if (size <= material.length / 2) return material.subarray(start, start + size);
  return Buffer.concat(Array.from({ length: Math.ceil(size / material.length) }, () => material)).subarray(0, size);
}
