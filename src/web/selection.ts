import type { Group, PathNode } from "./closure-model.ts";

/** The state that the user chose: zoomed group, selected path, search. The views of it listen for changes. */
export class Selection {
  #zoom: Group;
  #node: PathNode | null = null;
  #query = "";
  readonly #listeners: (() => void)[] = [];

  constructor(whole: Group) {
    this.#zoom = firstDivided(whole);
  }

  /** The group that fills the treemap. */
  get zoom(): Group {
    return this.#zoom;
  }

  get node(): PathNode | null {
    return this.#node;
  }

  get query(): string {
    return this.#query;
  }

  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  select(node: PathNode | null): void {
    this.#node = node;
    if (node !== null && !isIn(node.group, this.#zoom)) this.#zoom = node.parent;
    this.#tell();
  }

  zoomTo(group: Group): void {
    this.#zoom = group;
    if (this.#node !== null && !isIn(this.#node.group, group)) this.#node = group.node;
    this.#tell();
  }

  /** One level towards the selected path, and into what it brings in. */
  zoomIn(): void {
    const next = this.#node === null ? undefined : stepTowards(this.#zoom, this.#node.group);
    if (next !== undefined && next.children.length > 0) this.zoomTo(next);
  }

  zoomOut(): void {
    if (this.#zoom.parent !== null) this.zoomTo(this.#zoom.parent);
  }

  /** Forgets the selected path, and without one goes a level up. */
  goBack(): void {
    if (this.#node === null) this.zoomOut();
    else this.select(null);
  }

  search(query: string): void {
    this.#query = query;
    if (query !== "") this.#node = null;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A closure with one root is best shown from that root on. */
function firstDivided(whole: Group): Group {
  let group = whole;
  while (group.children.length === 1 && group.children[0] !== undefined) group = group.children[0];
  return group;
}

/** The child of `from` that `group` is or lies in; `undefined` when it does not. */
export function stepTowards(from: Group, group: Group): Group | undefined {
  for (let at: Group | null = group; at !== null; at = at.parent) if (at.parent === from) return at;
  return undefined;
}

function isIn(group: Group, outer: Group): boolean {
  for (let at: Group | null = group; at !== null; at = at.parent) if (at === outer) return true;
  return false;
}
