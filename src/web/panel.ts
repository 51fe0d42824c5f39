import { ancestry, type ClosureModel, type Group, type PathNode } from "./closure-model.ts";
import { element, replaceChildren } from "./dom.ts";
import { matches } from "./search.ts";
import type { Selection } from "./selection.ts";
import { count, formatSize, share } from "./text.ts";
import { groupHues } from "./treemap-view.ts";

const shownRows = 60;
const shownLinks = 10;

/** The panel beside the treemap: the selected path, else the search results, else the groups on show. */
export function panel(model: ClosureModel, selection: Selection): HTMLElement {
  const made = element("aside", { class: "panel", attributes: { "aria-live": "polite", tabindex: "-1" } });
  const update = (): void => {
    const { query, node } = selection;
    const content =
      node !== null
        ? details(node, model, selection)
        : query !== ""
          ? results(model, selection)
          : groups(model, selection);
    replaceChildren(made, content, () => made);
    made.scrollTop = 0;
  };
  selection.listen(update);
  update();
  return made;
}

function results(model: ClosureModel, selection: Selection): Node[] {
  const found = model.nodes.filter(matches(selection.query)).toSorted((one, other) => other.size - one.size);
  const size = found.reduce((sum, node) => sum + node.size, 0);
  const rows = found.slice(0, shownRows).map((node) => pathRow(node, selection));
  return [
    element("h3", {
      text: found.length === 0 ? "Nothing has that name" : `${count(found.length, "path")}, ${formatSize(size)}`,
    }),
    element("ul", { class: "rows" }, rows),
    ...remainder(found.length - shownRows),
  ];
}

function groups({ whole }: ClosureModel, selection: Selection): Node[] {
  const { zoom } = selection;
  const shown = zoom.children.filter(({ size }) => size > 0);
  const rows = shown.slice(0, shownRows).map((group, index) => groupRow(group, index, whole, selection));
  const title = zoom.node === null ? "What the closure is made of" : `What ${zoom.node.name} brings in`;
  return [
    element("h3", { text: title }),
    element("p", { class: "quiet", text: "A group is a path with everything that would go if it went." }),
    element("ul", { class: "rows" }, rows),
    ...remainder(shown.length - shownRows),
  ];
}

function groupRow(group: Group, index: number, whole: Group, selection: Selection): HTMLElement {
  const hue = String(groupHues[index % groupHues.length]);
  const onClick = (): void => (group.children.length > 0 ? selection.zoomTo(group) : selection.select(group.node));
  const detail =
    group.count > 1
      ? `${count(group.count, "path")} · ${share(group.size, whole.size)}`
      : share(group.size, whole.size);
  return element("li", {}, [
    element("button", { attributes: { type: "button" }, onClick }, [
      element("span", { class: "swatch", style: { "--hue": hue } }),
      element("span", { class: "row-name", text: group.node?.name ?? "" }),
      element("span", { class: "row-size", text: formatSize(group.size) }),
      element("span", { class: "row-detail quiet", text: detail }),
    ]),
  ]);
}

function details(node: PathNode, model: ClosureModel, selection: Selection): Node[] {
  const { whole, nodes } = model;
  const brought =
    node.group.count > 1 ? `${formatSize(node.group.size)} in ${count(node.group.count, "path")}` : "nothing else";
  return [
    element("h3", { class: "path-name", text: node.name }),
    element("p", { class: "mono quiet", text: node.path }),
    element("p", { class: "big" }, [
      element("strong", { text: formatSize(node.size) }),
      element("span", { class: "quiet", text: ` ${share(node.size, whole.size)} of the closure` }),
    ]),
    element("p", { text: `Would go with it: ${brought}` }),
    ...(node.group.children.length > 0 && selection.zoom !== node.group
      ? [
          element("button", {
            class: "plain",
            text: "Zoom in",
            attributes: { type: "button" },
            onClick: () => selection.zoomTo(node.group),
          }),
        ]
      : []),
    element("h4", { text: "Why it is here" }),
    reason(node, model, selection),
    ...links("Needed by", node.referrers, nodes, selection),
    ...links("Needs", node.references, nodes, selection),
  ];
}

/** The shortest way from a root, each needing the next. */
function reason(node: PathNode, { nodes, data }: ClosureModel, selection: Selection): HTMLElement {
  const way: PathNode[] = [];
  let at: PathNode | undefined = node;
  while (at !== undefined && way.length <= nodes.length) {
    way.unshift(at);
    at = nodes[data.reasons[at.number] ?? -1];
  }
  const first = way[0]?.number;
  const root = data.roots.find(({ path }) => path === first)?.name;
  const start = element("li", { class: "quiet", text: root ?? "Nothing keeps it: Nix would collect it." });
  return element("ol", { class: "way" }, [start, ...way.map((each) => element("li", {}, [link(each, selection)]))]);
}

function links(title: string, numbers: readonly number[], nodes: readonly PathNode[], selection: Selection): Node[] {
  if (numbers.length === 0) return [];
  const all = numbers.flatMap((number) => nodes[number] ?? []).toSorted((one, other) => other.size - one.size);
  const items = all.map((node) => element("li", {}, [link(node, selection)]));
  const list = element("ul", { class: "links" }, items.slice(0, shownLinks));
  const rest = items.slice(shownLinks);
  const more = element("details", {}, [
    element("summary", { text: `and ${count(rest.length, "other")}` }),
    element("ul", { class: "links" }, rest),
  ]);
  return [element("h4", { text: `${title} ${count(all.length, "path")}` }), list, ...(rest.length > 0 ? [more] : [])];
}

function link(node: PathNode, selection: Selection): HTMLElement {
  const onClick = (): void => selection.select(node);
  return element("button", { class: "link", attributes: { type: "button" }, onClick }, [
    element("span", { text: node.name }),
    element("span", { class: "quiet", text: formatSize(node.size) }),
  ]);
}

function pathRow(node: PathNode, selection: Selection): HTMLElement {
  const onClick = (): void => selection.select(node);
  const parent = ancestry(node.parent).at(-1)?.node;
  return element("li", {}, [
    element("button", { attributes: { type: "button" }, onClick }, [
      element("span", { class: "row-name", text: node.name }),
      element("span", { class: "row-size", text: formatSize(node.size) }),
      element("span", {
        class: "row-detail quiet",
        text: parent === null || parent === undefined ? "" : `with ${parent.name}`,
      }),
    ]),
  ]);
}

function remainder(rest: number): Node[] {
  return rest > 0 ? [element("p", { class: "quiet", text: `and ${count(rest, "smaller one")}` })] : [];
}
