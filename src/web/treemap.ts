import type { Group, PathNode } from "./closure-model.ts";
import { type Rectangle, squarify } from "./squarify.ts";

/** A store path's place. Its area is to the whole as its size is to the closure's. */
export interface TreemapCell {
  readonly node: PathNode;
  readonly place: Rectangle;
  /** Which of the groups on show it belongs to; -1 for the path that the treemap is zoomed to. */
  readonly group: number;
}

/** A group's outline. `depth` 0 are the groups on show. */
export interface Outline {
  readonly place: Rectangle;
  readonly depth: number;
}

export interface Treemap {
  readonly cells: readonly TreemapCell[];
  readonly outlines: readonly Outline[];
}

/** Arranges a group's paths in a rectangle: each beside what it brings in. Paths without bytes have no place. */
export function arrange(root: Group, bounds: Rectangle): Treemap {
  const cells: TreemapCell[] = [];
  const outlines: Outline[] = [];
  const waiting = [{ group: root, place: bounds, depth: -1, top: -1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { group, place, depth, top } = next;
    if (depth >= 0 && group.children.length > 0) outlines.push({ place, depth });
    const parts = partsOf(group);
    const places = squarify(
      parts.map(({ size }) => size),
      place,
    );
    for (const [index, part] of parts.entries()) {
      const at = places[index] as Rectangle;
      if (part.child === null) cells.push({ node: group.node as PathNode, place: at, group: top });
      else
        waiting.push({
          group: part.child,
          place: at,
          depth: depth + 1,
          top: top === -1 ? root.children.indexOf(part.child) : top,
        });
    }
  }
  return { cells, outlines: outlines.toSorted((one, other) => other.depth - one.depth) };
}

interface Part {
  readonly size: number;
  /** `null`: the group's own path. */
  readonly child: Group | null;
}

function partsOf({ node, children }: Group): Part[] {
  const own = node === null || node.size === 0 ? [] : [{ size: node.size, child: null }];
  const below = children.filter(({ size }) => size > 0).map((child) => ({ size: child.size, child }));
  return [...own, ...below].toSorted((one, other) => other.size - one.size);
}
