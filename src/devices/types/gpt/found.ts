import { type Bytes, MiB, type Sectors } from "../../../base/units.ts";
import { lengthOf } from "../../../layout/span.ts";
import type { GptFacts, GptPartitionFacts } from "../../../partitions/table-facts.ts";
import { mbrTypes } from "../../../structures/mbr/partition-types.ts";
import type { BlockFacts, MbrPartition } from "../../found/facts.ts";
import { keyFor } from "../../found/keys.ts";
import { faultOverlaps } from "../../found/overlaps.ts";
import { deviceOfPartition } from "../../found/partition-device.ts";
import { sizeText } from "../../found/size-text.ts";
import type { ContentReading, FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import { orderedPartitions, partitionLabel, partitionType } from "./order.ts";
import { type GptWish, placeGpt, usableSpan } from "./place.ts";
import { sgdiskTypes } from "./sgdisk-types.ts";
import { type GptWishText, gptWish } from "./wish.ts";

/** A GUID partition table as it is on a disk. */
export const gptReading: ContentReading = {
  fills: ({ table, mark }) => table?.kind === "gpt" && mark.type === null,
  holderName: ({ table }) => (table?.kind === "gpt" ? diskOfLabels(table) : undefined),
  read: readGptNode,
};

/** A partition on its way into the tree. */
interface ReadPartition {
  readonly facts: GptPartitionFacts;
  readonly key: string;
  readonly path: string;
  readonly content: NodeText | null;
}

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
  const extents = extentsOf(partitions, block, at, reader);
  const texts = partitions.map((one, index) => partitionText(one, extents[index] ?? {}, at, reader));
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
  for (const [index, { facts, key, path }] of partitions.entries()) {
    const isAlone = alone.filter((one) => one === alone[index]).length === 1;
    const isWhole = facts.name === "" || key === keyText(facts, holder);
    if (isAlone && isWhole) continue;
    const label = `"sgdisk --change-name=${facts.number}:NAME" gives it one of its own`;
    reader.know(path, undefined, {
      doubt: `its label ${JSON.stringify(facts.name)} does not tell it from others: ${label}`,
    });
  }
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

/** Sizes where the partitions then come to lie where they are, and sectors elsewhere. */
function extentsOf(
  partitions: readonly ReadPartition[],
  { size, sectorSize }: BlockFacts,
  { path }: FoundPlace,
  reader: TreeReader,
): Partial<GptWishText>[] {
  const usable = usableSpan(Math.floor(size / sectorSize), sectorSize, partitions.length);
  const wishes: GptWish[] = [];
  return partitions.map(({ key, facts }, index) => {
    const exact = { start: `${facts.first}s`, end: `${facts.last}s` };
    const isLast = index === partitions.length - 1;
    const candidates: Partial<GptWishText>[] = [
      ...(isLast ? [{ size: "100%" }] : []),
      { size: lengthText(lengthOf(facts), sectorSize) },
      exact,
    ];
    const wishOf = (extent: Partial<GptWishText>) => gptWish(key, { ...noExtent, ...extent }, sectorSize);
    const fits = (extent: Partial<GptWishText>) => {
      const span = placeGpt([...wishes, wishOf(extent)], usable).spans?.at(-1);
      return span?.first === facts.first && span.last === facts.last;
    };
    const chosen = candidates.find(fits) ?? exact;
    wishes.push(wishOf(chosen));
    const { fault } = placeGpt(wishes, usable);
    if (fault !== undefined) reader.note(path, fault);
    return chosen;
  });
}

const noExtent: GptWishText = { start: "0", end: null, size: null, alignment: 0, min: null, max: null };

function lengthText(sectors: Sectors, sectorSize: Bytes): string {
  const bytes = sectors * sectorSize;
  return bytes % MiB === 0 ? sizeText(bytes) : `${sectors}s`;
}

function partitionText(
  { facts, key, path, content }: ReadPartition,
  extent: Partial<GptWishText>,
  at: FoundPlace,
  reader: TreeReader,
) {
  const code = codeOf(facts.type);
  const isUsual = partitionType({ key, node: { type: null, content: contentType(content) } }) === facts.type;
  const usual = partitionLabel({ key, node: { label: null, name: null } }, at.holder);
  const attributes = facts.attributes.filter((bit) => bit <= 2 || bit >= 48);
  const reserved = facts.attributes.filter((bit) => !attributes.includes(bit));
  if (reserved.length > 0) reader.note(path, `the attribute bits ${reserved.join(", ")} are set, which are reserved`);
  const isSayable = !/[\u{10000}-\u{10ffff}]/u.test(facts.name);
  if (!isSayable) reader.note(path, `its label ${JSON.stringify(facts.name)} has a character beyond U+FFFF`);
  return {
    ...(isUsual ? {} : { type: code }),
    ...(facts.name === usual || !isSayable ? {} : { label: facts.name }),
    ...extent,
    uuid: facts.guid.toLowerCase(),
    ...(attributes.length === 0 ? {} : { attributes }),
  };
}

function contentType(content: NodeText | null): { readonly type: string } | null {
  return content === null ? null : { type: String(content["type"]) };
}

/** The code of four digits where sgdisk has one, else the GUID. */
function codeOf(guid: string): string {
  return codes.get(guid) ?? guid;
}

const codes: ReadonlyMap<string, string> = new Map(
  Object.entries(sgdiskTypes)
    .toReversed()
    .map(([code, guid]) => [guid, code]),
);

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

/** The entries of a hybrid MBR, by the keys of their partitions. */
function hybridTexts(
  partitions: readonly ReadPartition[],
  { mbr }: BlockFacts,
  { path }: FoundPlace,
  reader: TreeReader,
): Map<string, NodeText> {
  const entries = mbr.filter(({ type }) => type !== mbrTypes.protective);
  const named = entries.map((entry) => [entry, partitions.find(({ facts }) => isSame(entry, facts))] as const);
  const others = named.filter(([, partition]) => partition === undefined);
  if (others.length > 0)
    reader.fault(
      path,
      `its MBR has ${others.length} entries for what is no partition of the GPT: two tables, which say different things`,
    );
  return new Map(
    named.flatMap(([entry, partition]) => (partition === undefined ? [] : [[partition.key, hybridText(entry)]])),
  );
}

function isSame({ first, count }: MbrPartition, facts: GptPartitionFacts): boolean {
  return first === facts.first && count === lengthOf(facts);
}

function hybridText({ type, active }: MbrPartition): NodeText {
  const mbrPartitionType = `0x${type.toString(16).padStart(2, "0")}`;
  return { hybrid: { mbrPartitionType, ...(active ? { mbrBootableFlag: true } : {}) } };
}

function isProtectiveLast({ mbr }: BlockFacts): boolean {
  return mbr.length > 1 && mbr[0]?.type !== mbrTypes.protective;
}
