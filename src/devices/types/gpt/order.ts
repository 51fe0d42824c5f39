import { createHash } from "node:crypto";
import type { GptPartitionNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import { sgdiskTypes } from "./sgdisk-types.ts";

/** A partition of the tree, or so much of it as matters, with its key. */
export interface KeyedPartition<Node = GptPartitionNode> {
  readonly key: string;
  readonly node: Node;
}

type Ordering = Pick<GptPartitionNode, "priority" | "size" | "type">;

/** The partitions in the order of their numbers: by priority, then by name, byte by byte. */
export function orderedPartitions<Node extends Ordering = GptPartitionNode>(gpt: {
  readonly partitions: Readonly<Record<string, Node>>;
}): KeyedPartition<Node>[] {
  return Object.entries(gpt.partitions)
    .map(([key, node]) => ({ key, node }))
    .toSorted((a, b) => priorityOf(a.node) - priorityOf(b.node) || compareBytes(a.key, b.key));
}

function priorityOf(node: Ordering): number {
  if (node.priority !== null) return node.priority;
  if (node.size === "100%") return 9001;
  return node.type?.toUpperCase() === "EF02" ? 100 : 1000;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * The name that a partition has in the table. One that is too long is replaced by a part of its hash, as disko does.
 *
 * @throws MkimageError BAD_REQUEST for characters that partition tools do not store alike.
 */
export function partitionLabel(
  { key, node }: KeyedPartition<Pick<GptPartitionNode, "label" | "name">>,
  parent: string,
): string {
  const label = node.label ?? `${parent}-${node.name}`;
  if (/[\u{10000}-\u{10ffff}]/u.test(label)) {
    throw new MkimageError(
      "BAD_REQUEST",
      `partition ${key}: its label ${JSON.stringify(label)} has a character beyond U+FFFF`,
      {
        hint: "give the partition a label of plainer characters",
      },
    );
  }
  return label.length <= 36 ? label : createHash("sha256").update(label).digest("hex").slice(0, 36);
}

interface Typed extends Pick<GptPartitionNode, "type"> {
  readonly content: { readonly type: string } | null;
}

/**
 * The GUID of a partition's type, in capitals.
 *
 * @throws MkimageError BAD_REQUEST when sgdisk has no such code.
 */
export function partitionType({ key, node }: KeyedPartition<Typed>): string {
  const type = (node.type ?? (node.content?.type === "swap" ? "8200" : "8300")).toUpperCase();
  const guid = type.length === 4 ? sgdiskTypes[type] : type;
  if (guid !== undefined) return guid;
  throw new MkimageError("BAD_REQUEST", `partition ${key}: ${type} is no partition type`, {
    hint: "sgdisk -L lists the codes; 8300 is a Linux filesystem, EF00 an EFI system partition; or give a GUID",
  });
}
