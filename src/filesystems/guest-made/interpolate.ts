/** A value between measured points, which ascend; beyond the last, as the last two go on. */
export function interpolate(points: readonly (readonly [at: number, value: number])[], at: number): number {
  const next = points.findIndex(([point]) => point >= at);
  const index = Math.max(1, next === -1 ? points.length - 1 : next);
  const [[lowAt, low], [highAt, high]] = [points[index - 1], points[index]] as [[number, number], [number, number]];
  return low + ((high - low) * (at - lowAt)) / (highAt - lowAt);
}
