import { hash } from "node:crypto";
import { type ByteString } from "../../base/byte-string.ts";
import { type Bytes, roundDown } from "../../base/units.ts";
import type { Extent } from "../extent.ts";
import { clusterSize } from "../qcow2/format.ts";
import { keyFrom, keyWords } from "./record.ts";

/** Trees that never change, beside each other in one folder, as store paths are: a sum of all that is in each, by its name. */
export interface FixedTrees {
  readonly folder: ByteString;
  readonly sums: ReadonlyMap<ByteString, string>;
}

/**
 * Keys for the clusters of a piece of an image, one behind the other: of those whose bytes are all in fixed trees, by the
 * sums of these and the parts of files that they are, so that nobody has to read them. Zeros of the others.
 *
 * @param extents of the piece, which begins at `offset` and has so many clusters.
 */
export function sourceKeys(
  extents: readonly Extent[],
  offset: Bytes,
  clusters: number,
  trees: FixedTrees,
): Uint32Array<ArrayBuffer> {
  const parts = Array.from({ length: clusters }, (): string[] => []);
  const unknown = new Set<number>();
  for (const extent of extents) {
    const name = nameOf(extent, trees);
    const end = extent.offset + extent.length;
    for (let start = extent.offset; start < end; start = roundDown(start, clusterSize) + clusterSize) {
      const cluster = Math.floor((start - offset) / clusterSize);
      if (name === undefined) unknown.add(cluster);
      else parts[cluster]?.push(partOf(extent, name, start));
    }
  }
  const keys = new Uint32Array(clusters * keyWords);
  for (const [cluster, its] of parts.entries())
    if (its.length > 0 && !unknown.has(cluster))
      keys.set(keyFrom(hash("sha256", its.join("\0"), "buffer")), cluster * keyWords);
  return keys;
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

/** The part of an extent from `start` on that is in a cluster: its place and length there, and which part of its file it is. */
function partOf({ offset, length, source }: Extent, name: string, start: Bytes): string {
  const cluster = roundDown(start, clusterSize);
  const end = Math.min(offset + length, cluster + clusterSize);
  const position = source.kind === "file" ? (source.position ?? 0) : 0;
  return `${start - cluster} ${end - start} ${position + start - offset} ${name}`;
}
