import type { GptPartitionNode } from "./schema.ts";
import type { Extension, GptWish } from "./place.ts";
import { parsePosition, parseSectors } from "../../../layout/sector-text.ts";
import { MiB } from "../../../base/units.ts";

/** The options by which a partition of the tree gets its place. */
export type GptWishText = Pick<GptPartitionNode, "start" | "end" | "size" | "alignment" | "min" | "max">;

/** Returns the requested geometry of a partition of the tree, in sectors. */
export function gptWish(key: string, node: GptWishText, sectorSize: number): GptWish {
  return {
    key,
    start: isZero(node.start) ? undefined : parsePosition(node.start, sectorSize),
    extension: extensionOf(node, sectorSize),
    alignment: alignmentOf(node, sectorSize),
    min: node.min === null ? 0 : parseSectors(node.min, sectorSize),
    max: node.max === null ? Number.MAX_SAFE_INTEGER : parseSectors(node.max, sectorSize),
  };
}

/** Whether the size of a partition follows from the size of the disk. */
export function isFlexible({ extension }: GptWish): boolean {
  return extension.kind !== "position" || extension.position.from === "end";
}

function extensionOf({ size, end }: GptWishText, sectorSize: number): Extension {
  if (end !== null) return endExtension(end, sectorSize);
  if (size === null || size === "100%" || isZero(size)) return { kind: "rest" };
  if (size.endsWith("%")) return { kind: "share", percent: Number(size.slice(0, -1)) };
  return { kind: "position", position: { from: "start", sectors: parseSectors(size, sectorSize) } };
}

/** `0`, `+0` and `-0` all mean the end of the free space. */
function endExtension(end: string, sectorSize: number): Extension {
  const position = parsePosition(end, sectorSize);
  return position.sectors === 0 ? { kind: "rest" } : { kind: "position", position };
}

function alignmentOf({ alignment, start, end }: GptWishText, sectorSize: number): number {
  if (alignment !== 0) return alignment;
  return start.endsWith("s") || end?.endsWith("s") === true ? 1 : MiB / sectorSize;
}

function isZero(text: string): boolean {
  return /^[+-]?0+[a-z]*$/i.test(text) && !/s$/i.test(text);
}
