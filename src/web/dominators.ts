/**
 * Finds each path's immediate dominator: the last path that every way to it from a root leads through. -1 where there is
 * none: roots, paths that several roots reach without a common path, and paths that no root reaches.
 *
 * Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
 */
export function dominators(references: readonly (readonly number[])[], roots: readonly number[]): Int32Array {
  const source = references.length;
  const following = (node: number): readonly number[] => (node === source ? roots : (references[node] ?? []));
  const order = postOrder(source, following);
  const position = new Int32Array(source + 1).fill(-1);
  order.forEach((node, index) => (position[node] = index));
  const preceding = invert(order, following, source + 1);
  const dominator = new Int32Array(source + 1).fill(-1);
  dominator[source] = source;
  for (let changed = true; changed;) {
    changed = false;
    for (const node of order.toReversed()) {
      if (node === source) continue;
      const next = common(preceding[node] ?? [], dominator, position);
      if (next === dominator[node]) continue;
      dominator[node] = next;
      changed = true;
    }
  }
  return dominator.subarray(0, source).map((node) => (node === source ? -1 : node));
}

type Following = (node: number) => readonly number[];

/** Lists the nodes that can be reached from `source` in post-order. */
function postOrder(source: number, following: Following): number[] {
  const seen = new Set([source]);
  const order: number[] = [];
  const stack = [{ node: source, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = following(top.node)[top.next];
    top.next += 1;
    if (child === undefined) {
      order.push(top.node);
      stack.pop();
    } else if (!seen.has(child)) {
      seen.add(child);
      stack.push({ node: child, next: 0 });
    }
  }
  return order;
}

function invert(nodes: readonly number[], following: Following, count: number): number[][] {
  const preceding: number[][] = Array.from({ length: count }, () => []);
  for (const node of nodes) for (const child of following(node)) preceding[child]?.push(node);
  return preceding;
}

/** The nearest node that all of these are dominated by; those that were not reached yet do not count. */
function common(nodes: readonly number[], dominator: Int32Array, position: Int32Array): number {
  let found = -1;
  for (const node of nodes) {
    if (dominator[node] === -1) continue;
    found = found === -1 ? node : meet(found, node, dominator, position);
  }
  return found;
}

function meet(one: number, other: number, dominator: Int32Array, position: Int32Array): number {
  let [a, b] = [one, other];
  while (a !== b) {
    while ((position[a] ?? 0) < (position[b] ?? 0)) a = dominator[a] ?? 0;
    while ((position[b] ?? 0) < (position[a] ?? 0)) b = dominator[b] ?? 0;
  }
  return a;
}
