import { hash } from "node:crypto";
import { type ByteString } from "../../base/byte-string.ts";
import { type Bytes, roundDown } from "../../base/units.ts";
import type { Extent } from "../extent.ts";
import { clusterSize } from "../qcow2/format.ts";
import { keyFrom, keyWords } from "./record.ts";

/** Keys of the clusters of a piece, one behind the other. */
export interface SourceKeys {
  /** Zeros of a cluster that has none. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Whether every cluster has one but those of zeros, which need none. */
  readonly complete: boolean;
}

/** Trees that never change, beside each other in one folder, as store paths are: a sum of all that is in each, by its name. */
export interface FixedTrees {
  readonly folder: ByteString;
  readonly sums: ReadonlyMap<ByteString, string>;
}

/**
 * Keys for the clusters of a piece of an image: of those whose bytes are all in fixed trees, by the sums of these and the
 * parts of files that they are, so that nobody has to read them.
 *
 * @param extents of the piece, which begins at `offset` and has so many clusters.
 */
export function sourceKeys(extents: readonly Extent[], offset: Bytes, clusters: number, trees: FixedTrees): SourceKeys {
  const parts = partsOf(extents, offset, clusters, trees);
  const words = new Uint32Array(clusters * keyWords);
  const names = new NameSums();
  for (const [cluster, its] of parts.entries()) {
    if (its === unknown || its.length === 0) continue;
    words.set(keyOfParts(its, names), cluster * keyWords);
  }
  return { words, complete: !parts.includes(unknown) };
}

/** A part of a file that is in a cluster. */
interface Part {
  readonly name: string;
  /** In the cluster. */
  readonly start: Bytes;
  readonly length: Bytes;
  /** In the file. */
  readonly position: Bytes;
}

/** The parts of a cluster that has something else as well. */
const unknown: Part[] = [];

function partsOf(extents: readonly Extent[], offset: Bytes, clusters: number, trees: FixedTrees): Part[][] {
  const parts = Array.from({ length: clusters }, (): Part[] => []);
  for (const extent of extents) {
    const name = nameOf(extent, trees);
    const end = extent.offset + extent.length;
    for (let start = extent.offset; start < end; start = roundDown(start, clusterSize) + clusterSize) {
      const cluster = Math.floor((start - offset) / clusterSize);
      if (name === undefined) parts[cluster] = unknown;
      else if (parts[cluster] !== unknown) parts[cluster]?.push(partOf(extent, name, start));
    }
  }
  return parts;
}

/** A file by the sum of its tree, and its path from the tree's name on. */
function nameOf({ source }: Extent, { folder, sums }: FixedTrees): string | undefined {
  if (source.kind !== "file" || !source.path.startsWith(`${folder}/`)) return undefined;
  const start = folder.length + 1;
  const slash = source.path.indexOf("/", start);
  const end = slash < 0 ? source.path.length : slash;
  const sum = sums.get(source.path.slice(start, end));
  return sum === undefined ? undefined : `${sum} ${source.path.slice(start)}`;
}

/** The part of an extent from `start` on that is in a cluster. */
function partOf({ offset, length, source }: Extent, name: string, start: Bytes): Part {
  const cluster = roundDown(start, clusterSize);
  const end = Math.min(offset + length, cluster + clusterSize);
  const position = source.kind === "file" ? (source.position ?? 0) : 0;
  return { name, start: start - cluster, length: end - start, position: position + start - offset };
}

function keyOfParts(parts: readonly Part[], names: NameSums): Uint32Array {
  const [first] = parts;
  if (first?.length === clusterSize) return wholeKey(names.of(first.name), first.position);
  const text = parts.map(({ start, length, position, name }) => `${start} ${length} ${position} ${name}`).join("\0");
  return keyFrom(hash("sha256", text, "buffer"));
}

/** The key of a cluster that is one part of a file, as most are: three quarters of the sum of its name, and the position. */
function wholeKey(name: Uint32Array, position: Bytes): Uint32Array {
  const key = Uint32Array.from(name);
  key[keyWords - 2] = position % 2 ** 32;
  key[keyWords - 1] = Math.floor(position / 2 ** 32);
  return key;
}

/** The SHA-256 of the name that was asked for last: clusters of a file follow each other. */
class NameSums {
  #name: string | undefined;
  #sum = new Uint32Array(keyWords);

  of(name: string): Uint32Array {
    if (name !== this.#name) this.#sum = keyFrom(hash("sha256", name, "buffer"));
    this.#name = name;
    return this.#sum;
  }
}
