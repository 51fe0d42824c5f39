import type { DiskFacts, PartitionFacts } from "../inspect/facts.ts";
import { element, section } from "./dom.ts";
import { formatSize, share } from "./text.ts";

/** A disk drawn to scale, and its partitions as a table. */
export function diskSection(disk: DiskFacts, _index: number, disks: readonly DiskFacts[]): HTMLElement {
  const kind = disk.table === null ? "no partition table" : disk.table.kind === "gpt" ? "GPT" : "MBR";
  const note = `${formatSize(disk.size)} as ${disk.format}, ${formatSize(disk.storedBytes)} stored · ${kind}, sectors of ${disk.sectorSize} bytes`;
  return section(disks.length === 1 ? "Disk" : disk.name, note, [
    drawing(disk),
    partitionTable(disk),
    ...faultList(faultsOf(disk)),
  ]);
}

/** Lists faults; no element where there are none. */
export function faultList(faults: readonly string[]): HTMLElement[] {
  if (faults.length === 0) return [];
  return [
    element(
      "ul",
      { class: "faults" },
      faults.map((text) => element("li", { text })),
    ),
  ];
}

function faultsOf({ faults, partitions }: DiskFacts): string[] {
  return [...faults, ...partitions.flatMap(({ content }) => content.faults)];
}

function drawing(disk: DiskFacts): HTMLElement {
  const parts = disk.partitions.map((partition, index) => partitionPart(partition, disk, index));
  const label = disk.partitions.map((each) => `${titleOf(each)} ${formatSize(each.size)}`).join(", ");
  return element(
    "div",
    { class: "disk", attributes: { role: "img", "aria-label": `The disk to scale: ${label}` } },
    parts,
  );
}

/** As wide as its share of the disk; filled as far as it is full. */
function partitionPart(partition: PartitionFacts, disk: DiskFacts, index: number): HTMLElement {
  const { offset, size, content } = partition;
  const used = content.freeBytes === null ? 1 : 1 - content.freeBytes / size;
  const style = {
    left: `${(100 * offset) / disk.size}%`,
    width: `${(100 * size) / disk.size}%`,
    "--hue": String(partitionHues[index % partitionHues.length]),
    "--used": `${100 * used}%`,
  };
  const title = `${titleOf(partition)}: ${formatSize(size)}`;
  const name = element("span", { class: "part-name", text: titleOf(partition) });
  const measure = element("span", { class: "part-size", text: formatSize(size) });
  const attributes = { title, "data-size": String(size) };
  return element("div", { class: "part", style, attributes }, [name, measure]);
}

const partitionHues = [250, 165, 75, 320, 30, 205];

function titleOf({ name, purpose, content, number }: PartitionFacts): string {
  return content.label ?? (name === "" ? `${purpose}${number === null ? "" : ` ${number}`}` : name);
}

function partitionTable(disk: DiskFacts): HTMLElement {
  const titles = ["", "Partition", "Purpose", "Content", "Begins at", "Size", "Free"];
  const head = element(
    "tr",
    {},
    titles.map((text) => element("th", { text, attributes: { scope: "col" } })),
  );
  const rows = disk.partitions.map((partition, index) => partitionRow(partition, index));
  const gaps = disk.gaps.map(({ offset, size }) => ({ offset, row: gapRow(offset, size) }));
  const all = [...rows, ...gaps].toSorted((one, other) => one.offset - other.offset).map(({ row }) => row);
  return element("div", { class: "scroll" }, [
    element("table", {}, [element("thead", {}, [head]), element("tbody", {}, all)]),
  ]);
}

function partitionRow(partition: PartitionFacts, index: number): { offset: number; row: HTMLElement } {
  const { number, purpose, content, offset, size } = partition;
  const hue = String(partitionHues[index % partitionHues.length]);
  const swatch = element("td", {}, [element("span", { class: "swatch", style: { "--hue": hue } })]);
  const kind = [content.type ?? "", content.uuid ?? ""].filter((text) => text !== "");
  const free = content.freeBytes === null ? "" : `${formatSize(content.freeBytes)} · ${share(content.freeBytes, size)}`;
  const cells = [`${number === null ? "" : `${number} `}${titleOf(partition)}`, purpose];
  const row = element("tr", {}, [
    swatch,
    ...cells.map((text) => element("td", { text })),
    element(
      "td",
      {},
      kind.map((text, at) => element("span", { class: at === 0 ? "" : "quiet", text: `${text} ` })),
    ),
    ...[formatSize(offset), formatSize(size), free].map((text) => element("td", { class: "number", text })),
  ]);
  return { offset, row };
}

function gapRow(offset: number, size: number): HTMLElement {
  const numbers = [formatSize(offset), formatSize(size), ""];
  return element("tr", { class: "quiet" }, [
    ...["", "unused", "", ""].map((text) => element("td", { text })),
    ...numbers.map((text) => element("td", { class: "number", text })),
  ]);
}
