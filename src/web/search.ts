import type { PathNode } from "./closure-model.ts";

/** Whether a path is one that a search asks for: every word of it is in the path. */
export function matches(query: string): (node: PathNode) => boolean {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return ({ path }) => words.length > 0 && words.every((word) => path.toLowerCase().includes(word));
}
