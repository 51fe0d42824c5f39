import { lengthOf } from "../../../layout/span.ts";
import type { GptFacts, GptPartitionFacts } from "../../../partitions/table-facts.ts";
import type { BlockFacts } from "../../found/facts.ts";
import { keyFor } from "../../found/keys.ts";
import { faultOverlaps } from "../../found/overlaps.ts";
import { deviceOfPartition } from "../../found/partition-device.ts";
import type { ContentReading, FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import { hybridTexts, isProtectiveLast } from "./found-hybrid.ts";
import { codeOf, partitionText, type ReadPartition } from "./found-partition.ts";
import { placeTexts } from "./found-places.ts";
import { orderedPartitions } from "./order.ts";

/** A GUID partition table as it is on a disk. */
export const gptReading: ContentReading = {
  fills: ({ table, mark }) => table?.kind === "gpt" && mark.type === null,
  holderName: ({ table }) => (table?.kind === "gpt" ? diskOfLabels(table) : undefined),
  read: readGptNode,
};

function readGptNode(block: BlockFacts, at: FoundPlace, reader: TreeReader): NodeText {
  const table = block.table as GptFacts;
  const keys: string[] = [];
  const partitions = table.partitions.map((facts) => {
    const key = keyFor(keyText(facts, at.holder), keys, `part${facts.number}`);
    keys.push(key);
    const path = `${at.path}.partitions.${key}`;
    return { facts, key, path, content: readPartition(block, facts, path, `${at.holder}-${key}`, reader) };
  });
  noteNumbers(partitions, at, reader);
  faultOverlaps(table.partitions, at.path, reader);
  doubtNames(partitions, at, reader);
  noteUnusual(block, table, at, reader);
  const places = placeTexts(partitions, block, at, reader);
  const texts = partitions.map((one, index) => partitionText(one, places[index] ?? {}, at, reader));
  const hybrid = hybridTexts(partitions, block, at, reader);
  const ordered = inOrder(
    partitions.map(({ key, content }, index) => [key, { ...texts[index], ...hybrid.get(key), content }]),
  );
  return {
    type: "gpt",
    guid: table.guid.toLowerCase(),
    ...(isProtectiveLast(block) ? { efiGptPartitionFirst: false } : {}),
    partitions: ordered,
  };
}

function readPartition(block: BlockFacts, facts: GptPartitionFacts, path: string, holder: string, reader: TreeReader) {
  const device = deviceOfPartition(block, facts, path, reader);
  const place = { offset: facts.first * block.sectorSize, number: facts.number };
  reader.know(path, device, {
    place,
    size: lengthOf(facts) * block.sectorSize,
    uuid: facts.guid.toLowerCase(),
    label: facts.name,
  });
  return reader.content(device, { path: `${path}.content`, holder, mayBeTable: false });
}

/** disko's labels have the disk in them: `disk-main-root`. */
function keyText({ name, type }: GptPartitionFacts, holder: string): string {
  if (name.startsWith(`${holder}-`)) return name.slice(holder.length + 1);
  return name === "" ? (namesByCode[codeOf(type)] ?? "") : name;
}

/** A path is that of one partition only as long as no other one would have it, and it says the whole label. */
function doubtNames(partitions: readonly ReadPartition[], { holder }: FoundPlace, reader: TreeReader): void {
  const alone = partitions.map(({ facts }) => keyFor(keyText(facts, holder), [], `part${facts.number}`));
  const possible = partitions.map(({ facts }) => possibleKeys(facts));
  for (const [index, { facts, key, path }] of partitions.entries()) {
    const own = alone[index] ?? key;
    const isAlone = partitions.every(
      (_, other) => other === index || (alone[other] !== own && !possible[other]?.has(own)),
    );
    const isWhole = facts.name === "" || key === keyText(facts, holder);
    if (isAlone && isWhole) continue;
    const label = `"sgdisk --change-name=${facts.number}:NAME" gives it one of its own`;
    reader.know(path, undefined, {
      doubt: `its label ${JSON.stringify(facts.name)} does not tell it from others: ${label}`,
    });
  }
}

function noteUnusual(block: BlockFacts, { partitions }: GptFacts, { path }: FoundPlace, reader: TreeReader): void {
  const { unusual = [] } = block;
  for (const reason of unusual) reader.note(path, reason);
  const ofPartitions = partitions.flatMap(({ number, attributes, name }) => [
    ...(attributes.some(isReserved) ? [`partition ${number} has reserved attribute bits`] : []),
    // sfdisk makes an empty label of one with a half of a pair.
    ...(/[\ud800-\udfff]/.test(name) ? [`the label of partition ${number} has a character beyond U+FFFF`] : []),
  ]);
  const all = [...unusual, ...ofPartitions];
  if (all.length > 0) reader.know(path, block, { unusual: all });
}

/** Source: UEFI 2.10, table 5-8: bits 0 to 2 have a meaning, and from 48 on it is the partition's type that gives them one. */
function isReserved(bit: number): boolean {
  return bit > 2 && bit < 48;
}

/**
 * The keys that a partition has when others have come or gone: its whole label, or what is behind a disk in it, since that is left out only
 * where all labels have it.
 */
function possibleKeys({ name, number }: GptPartitionFacts): ReadonlySet<string> {
  const parts = name.startsWith("disk-") ? name.split("-") : [];
  const texts = [name, ...parts.map((_, index) => parts.slice(index).join("-")).slice(2)];
  return new Set(texts.filter((text) => text !== "").map((text) => keyFor(text, [], `part${number}`)));
}

const namesByCode: Readonly<Record<string, string>> = { EF00: "ESP", EF02: "bios", "8200": "swap" };

function diskOfLabels({ partitions }: GptFacts): string | undefined {
  const names = partitions.map(({ name }) => name);
  const [first = ""] = names;
  for (let end = first.lastIndexOf("-"); end > "disk-".length; end = first.lastIndexOf("-", end - 1)) {
    const prefix = first.slice(0, end + 1);
    if (prefix.startsWith("disk-") && names.every((name) => name.startsWith(prefix) && name !== prefix))
      return prefix.slice("disk-".length, -1);
  }
  return undefined;
}

function noteNumbers(partitions: readonly ReadPartition[], { path }: FoundPlace, reader: TreeReader): void {
  const numbers = partitions.map(({ facts }) => facts.number);
  if (numbers.every((number, index) => number === index + 1)) return;
  reader.note(
    path,
    `its partitions have the numbers ${numbers.join(", ")}; those of a tree count from 1 on without a gap`,
  );
}

/** Numbers follow the order that a tree gives its partitions: a priority where that is another one. */
function inOrder(entries: readonly (readonly [key: string, node: NodeText])[]): NodeText {
  const asked = Object.fromEntries(entries.map(([key, node]) => [key, { ...ordering, ...node }]));
  const keys = orderedPartitions({ partitions: asked as Readonly<Record<string, typeof ordering>> }).map(
    ({ key }) => key,
  );
  const isAsItIs = entries.every(([key], index) => key === keys[index]);
  return Object.fromEntries(
    entries.map(([key, node], index) => [key, isAsItIs ? node : { priority: index + 1, ...node }]),
  );
}

const ordering: { readonly priority: null; readonly size: string | null; readonly type: string | null } = {
  priority: null,
  size: null,
  type: null,
};
