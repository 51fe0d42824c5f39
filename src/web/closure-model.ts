import type { PageClosure } from "../inspect/page-data.ts";
import { dominators } from "./dominators.ts";

/** A store path on the page. */
export interface PathNode {
  readonly number: number;
  readonly path: string;
  /** Without folder and hash. */
  readonly name: string;
  readonly size: number;
  readonly references: readonly number[];
  readonly referrers: readonly number[];
  /** The group of its immediate dominator; the whole closure where no path dominates it. */
  readonly parent: Group;
  /** The group of this path and everything that would go with it. */
  readonly group: Group;
}

/** A path with everything that is there only because of it, or the whole closure. */
export interface Group {
  readonly node: PathNode | null;
  readonly parent: Group | null;
  /** Descending by size. */
  readonly children: Group[];
  /** Of all its paths. */
  size: number;
  count: number;
}

export interface ClosureModel {
  readonly nodes: readonly PathNode[];
  readonly whole: Group;
  readonly data: PageClosure;
}

/** Arranges store paths by what each of them brings in. */
export function closureModel(data: PageClosure): ClosureModel {
  const roots = data.roots.map(({ path }) => path);
  const parents = dominators(data.references, roots);
  const referrers: number[][] = data.names.map(() => []);
  data.references.forEach((list, from) => list.forEach((to) => to !== from && referrers[to]?.push(from)));
  const groups: Group[] = data.names.map(() => ({ node: null, parent: null, children: [], size: 0, count: 0 }));
  const whole: Group = { node: null, parent: null, children: [], size: 0, count: 0 };
  const nodes = data.names.map((path, number): PathNode => {
    const group = groups[number] as Group;
    const parent = groups[parents[number] ?? -1] ?? whole;
    const references = (data.references[number] ?? []).filter((each) => each !== number);
    const size = data.sizes[number] ?? 0;
    const node = {
      number,
      path,
      name: nameOf(path),
      size,
      references,
      referrers: referrers[number] ?? [],
      parent,
      group,
    };
    Object.assign(group, { node, parent });
    parent.children.push(group);
    return node;
  });
  sum(whole);
  return { nodes, whole, data };
}

/** From the whole closure down to this group. */
export function ancestry(group: Group): Group[] {
  return group.parent === null ? [group] : [...ancestry(group.parent), group];
}

function nameOf(path: string): string {
  return path.replace(/^\/nix\/store\/[0-9a-z]{32}-/, "");
}

/** Adds up without recursion: chains of paths can be long. */
function sum(whole: Group): void {
  const order: Group[] = [whole];
  for (let index = 0; index < order.length; index += 1) order.push(...(order[index]?.children ?? []));
  for (const group of order.toReversed()) {
    group.size += group.node?.size ?? 0;
    group.count += group.node === null ? 0 : 1;
    if (group.parent !== null) {
      group.parent.size += group.size;
      group.parent.count += group.count;
    }
    group.children.sort((one, other) => other.size - one.size);
  }
}
