import type { Sectors } from "../base/units.ts";

/** A run of sectors; `last` belongs to it. */
export interface Span {
  readonly first: Sectors;
  readonly last: Sectors;
}

/** Where a table's partitions come to lie, or why they do not fit. */
export type Placement =
  | { readonly spans: readonly Span[]; readonly fault?: undefined }
  | { readonly fault: string; readonly spans?: undefined };

export function lengthOf(span: Span): Sectors {
  return span.last - span.first + 1;
}

/** Returns `spans` (ascending) without `taken`. */
export function without(spans: readonly Span[], taken: Span): Span[] {
  return spans.flatMap((span) =>
    [
      { first: span.first, last: Math.min(span.last, taken.first - 1) },
      { first: Math.max(span.first, taken.last + 1), last: span.last },
    ].filter((rest) => rest.first <= rest.last),
  );
}

/** The longest span; of equals the first. */
export function largest(spans: readonly Span[]): Span | undefined {
  return spans.reduce<Span | undefined>(
    (best, span) => (best === undefined || lengthOf(span) > lengthOf(best) ? span : best),
    undefined,
  );
}

/** The span that all of `part` lies in. */
export function spanAround(spans: readonly Span[], part: Span): Span | undefined {
  return spans.find((span) => span.first <= part.first && part.last <= span.last);
}

export function overlaps(a: Span, b: Span): boolean {
  return a.first <= b.last && b.first <= a.last;
}
