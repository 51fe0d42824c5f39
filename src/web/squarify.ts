/** A rectangle in pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a rectangle among values, descending and above 0, so that areas are to each other as the values are, and every
 * part is as near to a square as it can be. Gives one rectangle a value.
 *
 * Source: Bruls, Huizing, van Wijk, "Squarified Treemaps" (2000).
 */
export function squarify(values: readonly number[], bounds: Rectangle): Rectangle[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const scale = total === 0 ? 0 : (bounds.width * bounds.height) / total;
  const placed: Rectangle[] = [];
  let rest = bounds;
  for (let start = 0; start < values.length;) {
    const side = Math.min(rest.width, rest.height);
    const end = endOfRow(values, start, scale, side);
    const row = values.slice(start, end).map((value) => value * scale);
    rest = placeRow(row, rest, placed);
    start = end;
  }
  return placed;
}

/** A row grows as long as its worst part gets no longer and thinner. */
function endOfRow(values: readonly number[], start: number, scale: number, side: number): number {
  const largest = (values[start] ?? 0) * scale;
  let sum = 0;
  let worst = Infinity;
  for (let end = start; end < values.length; end += 1) {
    const area = (values[end] ?? 0) * scale;
    sum += area;
    const thickness = sum / side;
    const ratio = Math.max(largest / thickness / thickness, (thickness * thickness) / area);
    if (ratio > worst) return end;
    worst = ratio;
  }
  return values.length;
}

/** Puts a row along the shorter side, and gives what is left. */
function placeRow(areas: readonly number[], rest: Rectangle, placed: Rectangle[]): Rectangle {
  const sum = areas.reduce((total, area) => total + area, 0);
  const isUpright = rest.width >= rest.height;
  const thickness = sum / (isUpright ? rest.height : rest.width);
  let at = isUpright ? rest.y : rest.x;
  for (const area of areas) {
    const length = area / thickness;
    placed.push(
      isUpright
        ? { x: rest.x, y: at, width: thickness, height: length }
        : { x: at, y: rest.y, width: length, height: thickness },
    );
    at += length;
  }
  return isUpright
    ? { ...rest, x: rest.x + thickness, width: Math.max(0, rest.width - thickness) }
    : { ...rest, y: rest.y + thickness, height: Math.max(0, rest.height - thickness) };
}
