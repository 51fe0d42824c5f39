import { gptEntryCount, usualGptEntries } from "../layout/gpt-entries.ts";
import type { GptPartitionLayout, MsdosPartitionLayout, TableLayout } from "../layout/layout.ts";
import { gptAttributes } from "../structures/gpt/entry.ts";

/** The arguments of sfdisk that write the table of its script into a file or a disk, and nothing else. */
export function sfdiskArguments(path: string): string[] {
  return ["--quiet", "--no-reread", "--no-tell-kernel", "--wipe", "never", "--wipe-partitions", "never", path];
}

/** The arguments of sfdisk that print a table as JSON. */
export function sfdiskReadArguments(path: string): string[] {
  return ["--json", path];
}

/**
 * The script from which sfdisk makes exactly this table: every identifier and every sector is in it.
 *
 * Source: sfdisk(8), "Script headers" and "Named-fields format".
 */
export function sfdiskScript(table: TableLayout): string {
  const lines = table.kind === "gpt" ? table.partitions.map(gptLine) : table.partitions.map(msdosLine);
  return `${[...headers(table), "", ...lines].join("\n")}\n`;
}

function headers(table: TableLayout): string[] {
  if (table.kind === "msdos") {
    return ["label: dos", `label-id: 0x${table.signature.toString(16).padStart(8, "0")}`, "unit: sectors"];
  }
  const entries = gptEntryCount(table.partitions.length);
  return [
    "label: gpt",
    `label-id: ${table.guid}`,
    `first-lba: ${table.firstUsable}`,
    `last-lba: ${table.lastUsable}`,
    ...(entries === usualGptEntries ? [] : [`table-length: ${entries}`]),
    "unit: sectors",
  ];
}

function gptLine({ number, first, last, type, guid, name, attributes }: GptPartitionLayout): string {
  const fields = [
    `start=${first}`,
    `size=${last - first + 1}`,
    `type=${type}`,
    `uuid=${guid}`,
    ...(name === "" ? [] : [`name="${escapedName(name)}"`]),
    ...(attributes.length === 0 ? [] : [`attrs="${attributeWords(attributes)}"`]),
  ];
  return `${number} : ${fields.join(", ")}`;
}

function msdosLine({ number, first, last, type, active }: MsdosPartitionLayout): string {
  const fields = [
    `start=${first}`,
    `size=${last - first + 1}`,
    `type=${type.toString(16)}`,
    ...(active ? ["bootable"] : []),
  ];
  return `${number} : ${fields.join(", ")}`;
}

/** sfdisk reads a quoted name up to the next quote, and `\xHH` as a byte. */
export function escapedName(name: string): string {
  return name.replaceAll(/["\\\p{Cc}]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

const attributeNames: Readonly<Record<number, string>> = {
  [gptAttributes.required]: "RequiredPartition",
  [gptAttributes.noBlockIo]: "NoBlockIOProtocol",
  [gptAttributes.legacyBoot]: "LegacyBIOSBootable",
};

/** The words that sfdisk has for attribute bits. */
export function attributeWords(bits: readonly number[]): string {
  return bits.map((bit) => attributeNames[bit] ?? `GUID:${bit}`).join(" ");
}

/** The attribute bits that sfdisk's words stand for: `RequiredPartition GUID:48,63`. */
export function attributeBits(words: string): number[] {
  const bits = words.split(" ").flatMap((word) => {
    if (word.startsWith("GUID:")) return word.slice("GUID:".length).split(",").map(Number);
    const named = Object.entries(attributeNames).find(([, name]) => name === word);
    return named === undefined ? [] : [Number(named[0])];
  });
  return bits.toSorted((a, b) => a - b);
}
