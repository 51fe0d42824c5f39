import type { ClosureModel } from "./closure-model.ts";
import { element } from "./dom.ts";
import { neighbour } from "./neighbour.ts";
import { type Selection, stepTowards } from "./selection.ts";
import { matches } from "./search.ts";
import { formatSize } from "./text.ts";
import { arrange, type Cell, type Outline, type Treemap } from "./treemap.ts";

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
      this.#draw();
    }
    this.#mark();
  }

  #draw(): void {
    this.#elements.clear();
    const cells = this.#map.cells.map((cell) => {
      const made = cellElement(cell);
      this.#elements.set(cell.node.number, made);
      return made;
    });
    const outlines = this.#map.outlines.filter(({ depth }) => depth <= 1).map(outlineElement);
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
    const next = current === undefined ? cells.at(0) : neighbour(key, current.place, cells);
    if (next !== undefined) this.#selection.select(next.node);
  }
}

function cellElement({ node, place, group }: Cell): HTMLElement {
  const made = element("div", { class: group === -1 ? "cell own" : "cell" });
  made.id = `cell-${node.number}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-label", `${node.name}, ${formatSize(node.size)}`);
  made.title = `${node.name}\n${formatSize(node.size)}`;
  made.dataset["number"] = String(node.number);
  setPlace(made, place);
  made.style.setProperty("--hue", String(groupHues[Math.max(0, group) % groupHues.length]));
  if (place.width > 46 && place.height > 18) made.append(element("span", { class: "name", text: node.name }));
  if (place.width > 72 && place.height > 34)
    made.append(element("span", { class: "size", text: formatSize(node.size) }));
  return made;
}

function outlineElement({ place, depth }: Outline): HTMLElement {
  const made = element("div", { class: `outline depth-${depth}` });
  setPlace(made, place);
  return made;
}

function setPlace(made: HTMLElement, { x, y, width, height }: Outline["place"]): void {
  made.style.cssText = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
}
