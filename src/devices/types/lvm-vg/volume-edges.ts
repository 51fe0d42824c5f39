import type { Bytes } from "../../../base/units.ts";

/** LVM counts in them, whatever a disk has. */
const sector: Bytes = 512;

/**
 * Where parts of volumes begin and end within a physical volume, in bytes from its start, as all texts say that are still in its
 * metadata, older ones too; nothing where there is no LVM.
 *
 * Source: lvm2, lib/format_text/export.c: `pe_start` and `extent_size` in sectors, a segment's `extent_count`, and its `stripes`, each
 * with a first extent.
 *
 * @param bytes the volume's first ones, with its metadata.
 */
export function volumeEdges(bytes: Buffer): Bytes[] {
  const text = bytes.toString("latin1");
  const extent = numberIn(text, "extent_size") * sector;
  const start = numberIn(text, "pe_start") * sector;
  const edges = [...text.matchAll(segment)].flatMap(([, count, stripes = ""]) => {
    const lists = [...stripes.matchAll(/"[^"]*", (\d+)/g)];
    const length = Number(count) / Math.max(lists.length, 1);
    return lists.flatMap(([, first]) => [Number(first), Number(first) + length]);
  });
  return [...new Set(edges)].map((edge) => start + edge * extent).toSorted((one, other) => one - other);
}

const segment = /extent_count = (\d+)[^{}]*?stripes = \[([^\]]*)\]/g;

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^\\s*${name} = (\\d+)`, "m").exec(text)?.[1] ?? 0);
}
