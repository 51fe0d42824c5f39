import test from "ava";
import * as fc from "fast-check";
import { closureModel } from "../../src/web/closure-model.ts";
import { dominators } from "../../src/web/dominators.ts";
import { neighbour } from "../../src/web/neighbour.ts";
import { squarify } from "../../src/web/squarify.ts";
import { arrange } from "../../src/web/treemap.ts";

const bounds = { x: 10, y: 20, width: 800, height: 500 };

test("a treemap's areas are as the values, inside the rectangle, and do not overlap", (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 40 }), (numbers) => {
      const values = numbers.toSorted((a, b) => b - a);
      const total = values.reduce((sum, value) => sum + value, 0);
      const places = squarify(values, bounds);
      places.forEach(({ x, y, width, height }, index) => {
        const share = (values[index] ?? 0) / total;
        if (Math.abs((width * height) / (800 * 500) - share) > 1e-9) throw new Error(`area of ${index}`);
        if (x < 10 - 1e-6 || y < 20 - 1e-6 || x + width > 810 + 1e-6 || y + height > 520 + 1e-6)
          throw new Error("outside");
      });
      const overlap = (a: number, aLength: number, b: number, bLength: number): number =>
        Math.min(a + aLength, b + bLength) - Math.max(a, b);
      places.forEach((one, i) =>
        places.slice(i + 1).forEach((other) => {
          const common = overlap(one.x, one.width, other.x, other.width);
          if (common > 1e-6 && overlap(one.y, one.height, other.y, other.height) > 1e-6) throw new Error("overlap");
        }),
      );
    }),
  );
  t.pass();
});

test("the values of the method's authors give its picture: no part is longer than it must be", (t) => {
  const ratios = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 }).map(({ width, height }) =>
    Math.max(width / height, height / width),
  );
  t.true(Math.max(...ratios) < 2.8, String(ratios));
});

/** By definition: what can no longer be reached once a node is gone is dominated by it. */
function slowDominators(references: readonly (readonly number[])[], roots: readonly number[]): number[][] {
  const reached = (without: number): Set<number> => {
    const seen = new Set<number>();
    const waiting = roots.filter((root) => root !== without);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      waiting.push(...(references[node] ?? []).filter((next) => next !== without));
    }
    return seen;
  };
  const all = reached(-1);
  return references.map((_, node) =>
    references.flatMap((__, by) => (by !== node && all.has(node) && !reached(by).has(node) ? [by] : [])),
  );
}

test("a path's dominators are those without which it would not be there", (t) => {
  const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.tuple(
      fc.array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 }), {
        minLength: size,
        maxLength: size,
      }),
      fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1, maxLength: 2 }),
    ),
  );
  fc.assert(
    fc.property(graph, ([references, roots]) => {
      const fast = dominators(references, roots);
      slowDominators(references, roots).forEach((expected, node) => {
        const found: number[] = [];
        for (let at = fast[node] ?? -1; at !== -1; at = fast[at] ?? -1) found.push(at);
        if (String(found.toSorted((a, b) => a - b)) !== String(expected))
          throw new Error(`${node}: ${String(found)} is not ${String(expected)}`);
      });
    }),
  );
  t.pass();
});

const closure = {
  roots: [{ name: "/nix/var/nix/profiles/system", path: 0 }],
  names: ["system", "python", "openssl", "glibc"].map((name) => `/nix/store/${"a".repeat(32)}-${name}`),
  sizes: [10, 200, 50, 100],
  references: [[0, 1, 3], [2, 3], [3], []],
  reasons: [-1, 0, 1, 0],
  faults: [],
};

test("a path is grouped under the last one that brings it in", (t) => {
  const { nodes, whole } = closureModel(closure);
  t.deepEqual(
    nodes.map(({ name, parent, group }) => [name, parent.node?.name ?? null, group.size, group.count]),
    [
      ["system", null, 360, 4],
      ["python", "system", 250, 2],
      ["openssl", "python", 50, 1],
      ["glibc", "system", 100, 1],
    ],
  );
  t.is(whole.size, 360);
  t.deepEqual(nodes[3]?.referrers, [0, 1, 2]);
});

test("every path of a group has one place in its treemap", (t) => {
  const { cells } = arrange(closureModel(closure).whole, bounds);
  t.deepEqual(cells.map(({ node }) => node.name).toSorted(), ["glibc", "openssl", "python", "system"]);
  const area = cells.map(({ node, place }) => [node.size, Math.round((place.width * place.height * 360) / 400_000)]);
  t.true(
    area.every(([size, found]) => size === found),
    JSON.stringify(area),
  );
});

test("arrow keys go to the nearest place in their direction", (t) => {
  const at = (x: number, y: number) => ({ place: { x, y, width: 10, height: 10 }, name: `${x},${y}` });
  const items = [at(0, 0), at(10, 0), at(0, 10), at(10, 10)];
  const go = (key: string, from: number) => neighbour(key, items[from]?.place ?? bounds, items)?.name;
  t.deepEqual(
    [go("ArrowRight", 0), go("ArrowDown", 0), go("ArrowLeft", 3), go("ArrowUp", 3)],
    ["10,0", "0,10", "0,10", "10,0"],
  );
  t.is(go("ArrowLeft", 0), undefined);
  t.is(go("x", 0), undefined);
});
