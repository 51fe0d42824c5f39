import type { GptPartitionFacts } from "../../../partitions/table-facts.ts";
import type { FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import { partitionLabel, partitionType } from "./order.ts";
import { sgdiskTypes } from "./sgdisk-types.ts";
import type { GptWishText } from "./wish.ts";

/** A partition on its way into the tree. */
export interface ReadPartition {
  readonly facts: GptPartitionFacts;
  readonly key: string;
  readonly path: string;
  readonly content: NodeText | null;
}

/** The words of a tree for a partition that is there. */
export function partitionText(
  { facts, key, path, content }: ReadPartition,
  extent: Partial<GptWishText>,
  at: FoundPlace,
  reader: TreeReader,
) {
  const code = codeOf(facts.type);
  const isUsual = partitionType({ key, node: { type: null, content: contentType(content) } }) === facts.type;
  const usual = partitionLabel({ key, node: { label: null, name: key } }, at.holder);
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
export function codeOf(guid: string): string {
  return codes.get(guid) ?? guid;
}

const codes: ReadonlyMap<string, string> = new Map(
  Object.entries(sgdiskTypes)
    .toReversed()
    .map(([code, guid]) => [guid, code]),
);
