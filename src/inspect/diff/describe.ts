import { formatSize } from "../../base/units.ts";
import type { BytesDiff, Change, DiffFacts } from "./facts.ts";

const shownChanges = 50;
const shownOwners = 10;

/** Differences for a terminal. Pure. */
export function describeDiff({ same, bytes, partitions, files, store }: DiffFacts): string[] {
  return [
    ...(bytes === null ? [same ? "the closures are the same" : "the closures differ"] : describeBytes(bytes)),
    ...describeChanges("partitions", partitions),
    ...describeChanges("files", files),
    ...describeChanges("store paths", store.changes),
    ...(store.changes.length === 0 ? [] : [`  in all ${sizeChange(...store.sizes)}`]),
  ];
}

function describeBytes({ first, sizes, blocks, owners }: BytesDiff): string[] {
  if (first === null) return [`the bytes are the same: ${formatSize(sizes[0])}`];
  const { offset, before, after } = first;
  const place = before === after ? before : `${before}; in the second, ${after}`;
  const rest = owners.length - shownOwners;
  return [
    ...(sizes[0] === sizes[1] ? [] : [`the disks have ${sizeChange(...sizes)}`]),
    `the bytes differ from byte ${offset} on: ${place}`,
    `${blocks} blocks of 4 KiB differ`,
    ...owners.slice(0, shownOwners).map((owner) => `  ${String(owner.blocks).padStart(7)}  ${owner.name}`),
    ...(rest > 0 ? [`  and ${rest} others; --json lists all`] : []),
  ];
}

const marks = { added: "+", removed: "-", changed: "~" } as const;

function describeChanges(title: string, changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  const rest = changes.length - shownChanges;
  return [
    `${title}:`,
    ...changes.slice(0, shownChanges).map(describeChange),
    ...(rest > 0 ? [`  and ${rest} others; --json lists all`] : []),
  ];
}

function describeChange({ kind, name, sizes, what }: Change): string {
  const [before, after] = sizes;
  const size =
    before === null && after === null
      ? ""
      : before === null || after === null
        ? `  ${formatSize(before ?? after ?? 0)}`
        : `  ${sizeChange(before, after)}`;
  return `  ${marks[kind]} ${name}${size}${what.length === 0 ? "" : `  (${what.join(", ")})`}`;
}

function sizeChange(before: number, after: number): string {
  if (before === after) return formatSize(before);
  const sign = after > before ? "+" : "-";
  return `${formatSize(before)} → ${formatSize(after)} (${sign}${formatSize(Math.abs(after - before))})`;
}
