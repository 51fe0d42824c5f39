import type { PageClosure } from "../inspect/page-data.ts";
import { ancestry, closureModel, type ClosureModel } from "./closure-model.ts";
import { faultList } from "./disk-section.ts";
import { element, replaceChildren, section } from "./dom.ts";
import { panel } from "./panel.ts";
import { matches } from "./search.ts";
import { Selection } from "./selection.ts";
import { count, formatSize, share } from "./text.ts";
import { TreemapView } from "./treemap-view.ts";

const printedPaths = 40;

/** The store: a treemap with what stands beside it, a search, and the largest paths for print. */
export function closureSection(closure: PageClosure): HTMLElement {
  const model = closureModel(closure);
  const selection = new Selection(model.whole);
  const treemap = new TreemapView(model, selection);
  const field = searchField(model, selection);
  listenForKeys(field.input, selection);
  const note = `${count(model.whole.count, "store path")}, ${formatSize(model.whole.size)}`;
  return section("Closure", note, [
    element("div", { class: "tools" }, [breadcrumbs(selection), field.element]),
    element("div", { class: "closure" }, [treemap.element, panel(model, selection)]),
    element("p", { class: "keys quiet" }, keyHelp()),
    largestPaths(model),
    ...faultList(closure.faults),
  ]);
}

function searchField(model: ClosureModel, selection: Selection): { element: HTMLElement; input: HTMLInputElement } {
  const attributes = { type: "search", placeholder: "Search store paths", "aria-label": "Search store paths" };
  const input = element("input", { attributes: { ...attributes, autocomplete: "off", spellcheck: "false" } });
  input.addEventListener("input", () => selection.search(input.value.trim()));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") selectLargest(model, selection);
    if (event.key !== "Escape") return;
    input.value = "";
    selection.search("");
    input.blur();
  });
  return { element: element("label", { class: "search" }, [input]), input };
}

function selectLargest({ nodes }: ClosureModel, selection: Selection): void {
  const found = nodes.filter(matches(selection.query)).toSorted((one, other) => other.size - one.size);
  if (found[0] !== undefined) selection.select(found[0]);
}

/** A slash anywhere goes to the search, Escape outside of it goes out again. */
function listenForKeys(input: HTMLInputElement, selection: Selection): void {
  document.addEventListener("keydown", (event) => {
    if (event.target === input || event.defaultPrevented) return;
    if (event.key === "Escape") selection.goBack();
    if (event.key !== "/") return;
    input.focus();
    input.select();
    event.preventDefault();
  });
}

function breadcrumbs(selection: Selection): HTMLElement {
  const made = element("nav", { class: "crumbs", attributes: { "aria-label": "Where the treemap is" } });
  const update = (): void => {
    const way = ancestry(selection.zoom);
    const crumbs = way.map((group, index) => {
      const current: Record<string, string> = index === way.length - 1 ? { "aria-current": "true" } : {};
      const attributes = { type: "button", ...current };
      const onClick = (): void => selection.zoomTo(group);
      return element("button", { class: "crumb", text: group.node?.name ?? "All", attributes, onClick });
    });
    replaceChildren(made, crumbs, () => crumbs.at(-1));
  };
  selection.listen(update);
  update();
  return made;
}

function keyHelp(): Node[] {
  const help = [
    ["Arrows", "move"],
    ["Enter", "zooms in"],
    ["Esc", "zooms out"],
    ["/", "searches"],
  ] as const;
  return help.flatMap(([key, what]) => [element("kbd", { text: key }), document.createTextNode(` ${what}  `)]);
}

function largestPaths({ nodes, whole }: ClosureModel): HTMLElement {
  const largest = nodes.toSorted((one, other) => other.size - one.size).slice(0, printedPaths);
  const rows = largest.map((node) =>
    element("tr", {}, [
      element("td", { text: node.name }),
      element("td", { class: "number", text: formatSize(node.size) }),
      element("td", { class: "number", text: share(node.size, whole.size) }),
      element("td", { class: "number", text: formatSize(node.group.size) }),
    ]),
  );
  const titles = ["Store path", "Size", "Share", "With what it brings in"];
  const head = element(
    "tr",
    {},
    titles.map((text) => element("th", { text, attributes: { scope: "col" } })),
  );
  const table = element("table", {}, [element("thead", {}, [head]), element("tbody", {}, rows)]);
  const summary = element("summary", { text: "The largest paths as a list" });
  return element("details", { class: "largest" }, [summary, element("div", { class: "scroll" }, [table])]);
}
