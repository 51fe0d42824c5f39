import type { ClosureModel } from "./closure-model.ts";
import { element } from "./dom.ts";
import { neighbour } from "./neighbour.ts";
import { type Selection, stepTowards } from "./selection.ts";
import { matches } from "./search.ts";
import { formatSize } from "./text.ts";
import { arrange, type TreemapCell, type Outline, type Treemap } from "./treemap.ts";

export const groupHues = [250, 165, 75, 320, 205, 30, 120, 285];

/** The closure as a treemap: one element in the order of Tab, in which arrow keys move. */
export class TreemapView {
  readonly element: HTMLElement;
  readonly #selection: Selection;
  readonly #elements = new Map<number, HTMLElement>();
  #map: Treemap = { cells: [], outlines: [] };
  #shown = "";

  constructor(model: ClosureModel, selection: Selection) {
    this.#selection = selection;
    const attributes = { role: "listbox", tabindex: "0", "aria-label": "Store paths by size" };
    this.element = element("div", { class: "treemap", attributes });
    this.element.addEventListener("click", (event) => this.#onClick(event, model));
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    selection.listen(() => this.#update());
    new ResizeObserver(() => this.#update()).observe(this.element);
  }

  #update(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const { zoom } = this.#selection;
    const shown = `${width} ${height} ${zoom.node?.number}`;
    if (shown !== this.#shown && width > 0) {
      this.#shown = shown;
      this.#map = arrange(zoom, { x: 0, y: 0, width, height });
      this.#draw({ width, height });
    }
    this.#mark();
  }

  #draw(whole: Size): void {
    this.element.style.setProperty("--shape", `${whole.width} / ${whole.height}`);
    this.#elements.clear();
    const cells = this.#map.cells.map((cell) => {
      const made = cellElement(cell, whole);
      this.#elements.set(cell.node.number, made);
      return made;
    });
    const outlines = this.#map.outlines.filter(isShown).map((each) => outlineElement(each, whole));
    this.element.replaceChildren(...cells, ...outlines);
  }

  /** Shows what is selected, what led to it, and what was found. */
  #mark(): void {
    const { node, query } = this.#selection;
    const reasons = new Set(node === null ? [] : node.referrers);
    const found = matches(query);
    for (const { node: each } of this.#map.cells) {
      const cell = this.#elements.get(each.number);
      if (cell === undefined) continue;
      cell.classList.toggle("selected", each === node);
      cell.classList.toggle("referrer", reasons.has(each.number));
      cell.classList.toggle("dimmed", query !== "" && !found(each));
      cell.setAttribute("aria-selected", String(each === node));
    }
    const active = node === null ? undefined : this.#elements.get(node.number);
    if (active === undefined) this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", active.id);
  }

  /** Selects what was clicked; a second click, or one on another group, goes into that group. */
  #onClick(event: Event, model: ClosureModel): void {
    const cell = (event.target as Element).closest<HTMLElement>(".cell");
    const node = model.nodes[Number(cell?.dataset["number"] ?? -1)];
    if (node === undefined) return;
    const wasSelected = this.#selection.node === node;
    this.#selection.select(node);
    const step = stepTowards(this.#selection.zoom, node.group);
    if (wasSelected && step !== undefined) this.#selection.zoomIn();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === " ") this.#selection.zoomIn();
    else if (event.key === "Escape") this.#selection.goBack();
    else if (event.key === "Backspace") this.#selection.zoomOut();
    else if (!event.key.startsWith("Arrow")) return;
    else this.#move(event.key);
    event.preventDefault();
  }

  #move(key: string): void {
    const { cells } = this.#map;
    const { node } = this.#selection;
    const current = cells.find((cell) => cell.node === node);
    const next = current === undefined ? firstOf(cells) : neighbour(key, current.place, cells);
    if (next !== undefined) this.#selection.select(next.node);
  }
}

/** The one in the corner where reading begins, and where the largest lie. */
function firstOf(cells: readonly TreemapCell[]): TreemapCell | undefined {
  return cells.toSorted((one, other) => one.place.x + one.place.y - other.place.x - other.place.y)[0];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The borders of cells and groups that are smaller would hide them. */
const leastBordered = 5;

function cellElement({ node, place, group }: TreemapCell, whole: Size): HTMLElement {
  const isTiny = Math.min(place.width, place.height) < leastBordered;
  const made = element("div", { class: `cell${group === -1 ? " own" : ""}${isTiny ? " tiny" : ""}` });
  made.id = `cell-${node.number}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-label", `${node.name}, ${formatSize(node.size)}`);
  made.title = `${node.name}\n${formatSize(node.size)}`;
  made.dataset["number"] = String(node.number);
  setPlace(made, place, whole);
  made.style.setProperty("--hue", String(groupHues[Math.max(0, group) % groupHues.length]));
  if (place.width > 46 && place.height > 18) made.append(element("span", { class: "name", text: node.name }));
  if (place.width > 72 && place.height > 34)
    made.append(element("span", { class: "size", text: formatSize(node.size) }));
  return made;
}

function isShown({ place, depth }: Outline): boolean {
  return depth <= 1 && Math.min(place.width, place.height) >= leastBordered;
}

function outlineElement({ place, depth }: Outline, whole: Size): HTMLElement {
  const made = element("div", { class: `outline depth-${depth}`, attributes: { role: "presentation" } });
  setPlace(made, place, whole);
  return made;
}

/** In shares of the whole, so that paper of any width shows all of it. */
function setPlace(made: HTMLElement, { x, y, width, height }: Outline["place"], whole: Size): void {
  const share = (length: number, side: number): string => `${(100 * length) / side}%`;
  made.style.cssText = `left:${share(x, whole.width)};top:${share(y, whole.height)};width:${share(width, whole.width)};height:${share(height, whole.height)}`;
}
