import type { Rectangle } from "./squarify.ts";

const directions: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The nearest of some places that lies in an arrow key's direction; `undefined` for other keys, and at the edge. */
export function neighbour<Item extends { readonly place: Rectangle }>(
  key: string,
  from: Rectangle,
  items: readonly Item[],
): Item | undefined {
  const direction = directions[key];
  if (direction === undefined) return undefined;
  const [x, y] = centre(from);
  let best: { item: Item; distance: number } | undefined;
  for (const item of items) {
    const [otherX, otherY] = centre(item.place);
    const along = (otherX - x) * direction[0] + (otherY - y) * direction[1];
    const aside = Math.abs((otherX - x) * direction[1]) + Math.abs((otherY - y) * direction[0]);
    if (along <= 0.5 || aside > along * 2) continue;
    const distance = along + 2 * aside;
    if (best === undefined || distance < best.distance) best = { item, distance };
  }
  return best?.item;
}

function centre({ x, y, width, height }: Rectangle): readonly [number, number] {
  return [x + width / 2, y + height / 2];
}
