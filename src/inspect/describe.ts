import { describeGrowth } from "../bootloaders/growth/growth.ts";
import { formatSize } from "../base/units.ts";
import type { BootEntryFacts, BootFacts, ClosureFacts, DiskFacts, InspectFacts, PartitionFacts } from "./facts.ts";

const shownPaths = 20;

/** Facts for a terminal. Whoever prints them makes names printable. Pure. */
export function describeFacts(facts: InspectFacts): string[] {
  const { disks, boot, grows, closure } = facts;
  return [
    ...disks.flatMap((disk) => [...describeDisk(disk), ""]),
    ...describeBoot(boot),
    ...(grows === null ? [] : [`grows: ${describeGrowth(grows)}`]),
    ...(closure === null ? [] : ["", ...describeClosure(closure)]),
  ];
}

/** Why the store paths are there whose names have `text` in them: the way to each from what keeps it. Pure. */
export function describeReasons({ paths }: ClosureFacts, text: string): string[] {
  return paths
    .filter(({ path }) => path.includes(text))
    .flatMap(({ path, size, why }) => [
      `${path}  ${formatSize(size)}`,
      ...(why.length === 0 ? ["  nothing keeps it"] : why.map((step, depth) => `${"  ".repeat(depth + 1)}${step}`)),
    ]);
}

function describeDisk(disk: DiskFacts): string[] {
  const table =
    disk.table === null ? "no partition table" : `${disk.table.kind === "gpt" ? "GPT" : "MBR"} ${disk.table.id}`;
  const stored = `${formatSize(disk.storedBytes)} stored`;
  const title = `${disk.name}: ${disk.format}, a disk of ${formatSize(disk.size)} (${stored}), ${table}`;
  const gaps = disk.gaps.map((gap) => ({ ...gap, cells: ["", formatSize(gap.offset), formatSize(gap.size), "free"] }));
  const rows = [...disk.partitions.map((each) => ({ ...each, cells: cellsOf(each) })), ...gaps];
  const header = ["", "begins at", "size", "purpose", "name", "content"];
  const cells = rows.toSorted((one, other) => one.offset - other.offset).map((row) => row.cells);
  const faults = [...disk.faults, ...disk.partitions.flatMap(({ content }) => content.faults)];
  return [title, ...aligned([header, ...cells]), ...faults.map((fault) => `  fault: ${fault}`)];
}

function cellsOf({ number, offset, size, purpose, name, content }: PartitionFacts): string[] {
  const label = content.label === null ? "" : ` ${content.label}`;
  const free = content.freeBytes === null ? "" : `, ${formatSize(content.freeBytes)} free, ${content.names} names`;
  const text = content.type === null ? "" : `${content.type}${label}${free}`;
  return [String(number ?? ""), formatSize(offset), formatSize(size), purpose, name, text];
}

function describeBoot({ firmware, loaders, entries }: BootFacts): string[] {
  const kinds = firmware.map((kind) => (kind === "efi" ? "UEFI" : "BIOS")).join(" and ");
  return [
    kinds === "" ? "boots: no firmware finds anything to start" : `boots under ${kinds}`,
    ...loaders.map(({ name, place }) => `  ${name}: ${place}`),
    ...entries.flatMap(describeEntry),
  ];
}

function describeEntry({ title, isDefault, source, kernel, initrd, options, missing }: BootEntryFacts): string[] {
  return [
    `  ${isDefault ? "*" : "-"} ${title}`,
    `      ${source}`,
    ...(kernel === null ? [] : [`      kernel   ${kernel}`]),
    ...initrd.map((path) => `      initrd   ${path}`),
    ...(options === "" ? [] : [`      options  ${options}`]),
    ...missing.map((path) => `      missing  ${path}`),
  ];
}

function describeClosure({ paths, size, roots, unregistered, faults }: ClosureFacts): string[] {
  const largest = paths.toSorted((one, other) => other.size - one.size).slice(0, shownPaths);
  const rest = paths.length - largest.length;
  const rows = largest.map(({ path, size: own, why }) => [formatSize(own), path, keeper(why)]);
  return [
    `store: ${paths.length} paths, ${formatSize(size)}`,
    ...roots.map(({ name, path }) => `  ${name} keeps ${path}`),
    ...aligned([["size", "path", "because of"], ...rows]),
    ...(rest > 0 ? [`  and ${rest} smaller ones; --json lists all, --why NAME says why one is there`] : []),
    ...unregistered.map((path) => `  not registered: ${path}`),
    ...faults.map((fault) => `  fault: ${fault}`),
  ];
}

function keeper(why: readonly string[]): string {
  return why.at(-2)?.replace(/^\/nix\/store\/[0-9a-z]{32}-/, "") ?? "nothing";
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
