import type { BootEntryFacts, InspectFacts } from "../inspect/facts.ts";
import type { Finding, Growth } from "../bootloaders/growth/finding.ts";
import { element, section } from "./dom.ts";
import { count } from "./text.ts";

/** Shows the loaders that firmware starts, the entries of their menus, and how the system grows on a larger disk. */
export function bootSection({ boot, grows }: Pick<InspectFacts, "boot" | "grows">): HTMLElement {
  const { firmware, loaders, entries } = boot;
  const kinds = firmware.map((kind) => (kind === "efi" ? "UEFI" : "BIOS")).join(" and ");
  const note =
    kinds === ""
      ? "No firmware finds anything to start."
      : `Starts under ${kinds}, ${count(entries.length, "entry").replace("entrys", "entries")}`;
  const list = loaders.map(({ name, place }) =>
    element("li", {}, [element("strong", { text: name }), element("span", { class: "quiet", text: ` ${place}` })]),
  );
  return section("Boot", note, [
    element("ul", { class: "loaders" }, list),
    element("div", { class: "entries" }, entries.map(entryCard)),
    ...(grows === null ? [] : growth(grows)),
  ]);
}

function growth({ partition, filesystem }: Growth): HTMLElement[] {
  const text = ({ how, reason }: Finding): string =>
    `${how === null ? "does not grow by itself" : "grows by itself"}: ${reason}`;
  const rows = [
    ["Root partition", text(partition)],
    ["Its filesystem", text(filesystem)],
  ];
  return [element("h3", { class: "growth", text: "On a larger disk" }), definitions(rows)];
}

function entryCard({ title, isDefault, source, kernel, initrd, options, missing }: BootEntryFacts): HTMLElement {
  const heading = element("h3", {}, [
    element("span", { text: title }),
    ...(isDefault ? [element("span", { class: "badge", text: "default" })] : []),
  ]);
  const rows = [
    ["Kernel", kernel ?? ""],
    ...initrd.map((path) => ["Initrd", path]),
    ["Options", options],
    ["From", source],
    ...missing.map((path) => ["Missing", path]),
  ].filter(([, text]) => text !== "");
  return element("article", { class: missing.length > 0 ? "entry broken" : "entry" }, [heading, definitions(rows)]);
}

/** Pairs of a term and its text. */
export function definitions(rows: readonly (readonly string[])[]): HTMLElement {
  const parts = rows.flatMap(([term = "", text = ""]) => [element("dt", { text: term }), element("dd", { text })]);
  return element("dl", {}, parts);
}
