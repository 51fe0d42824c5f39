import type { GptNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import { type KeyedPartition, orderedPartitions, partitionLabel, partitionType } from "./order.ts";
import { mostGptPartitions } from "../../../layout/gpt-entries.ts";
import { gptWish, isFlexible } from "./wish.ts";
import type { Identity } from "../../../base/identity.ts";
import type { GptLayout, GptPartitionLayout } from "../../../layout/layout.ts";
import { placeGpt, usableSpan } from "./place.ts";
import { partitionLabelPath, partitionPath } from "../../../layout/partition-path.ts";
import { type TableHolder, type TablePlan, alignmentOf } from "../../layout/table-plan.ts";

/** Plans a table of type `gpt`. */
export function planGpt(gpt: GptNode, holder: TableHolder, identity: Identity): TablePlan {
  const ordered = orderedPartitions(gpt);
  const wishes = ordered.map(({ key, node }) => gptWish(key, node, holder.sectorSize));
  refuseTooMany(ordered.length, mostGptPartitions, "Linux reads", holder);
  refuseTwoRests(ordered, holder);
  refuseManyHybrids(ordered, holder);
  const pathOf = (key: string) => `${holder.path}.partitions.${key}`;
  return {
    partitions: ordered.map(({ key, node }, index) => ({
      path: pathOf(key),
      key,
      flexible: wishes[index] !== undefined && isFlexible(wishes[index]),
      content: node.content,
      names: namesOf(ordered[index], index + 1, holder),
    })),
    place: (sectors) => placeGpt(wishes, usableSpan(sectors, holder.sectorSize, ordered.length)),
    layout: (sectors, spans, contents) => ({
      kind: "gpt",
      guid: (gpt.guid ?? identity.uuid(`${holder.path} guid`)).toUpperCase(),
      ...usable(sectors, holder, ordered.length),
      hybridMbr: hybridMbr(gpt),
      partitions: ordered.map((partition, index) => ({
        path: pathOf(partition.key),
        key: partition.key,
        number: index + 1,
        first: spans[index]?.first ?? 0,
        last: spans[index]?.last ?? 0,
        alignment: alignmentOf(spans[index]?.first ?? 0, holder.sectorSize),
        ...entry(partition, holder, pathOf(partition.key), identity),
        content: contents[index] ?? null,
      })),
    }),
  };
}

/** @throws MkimageError BAD_REQUEST when there are more partitions than `who` can deal with. */
export function refuseTooMany(partitions: number, most: number, who: string, { path }: TableHolder): void {
  if (partitions <= most) return;
  throw new MkimageError("BAD_REQUEST", `${path}: ${who} ${most} partitions of a GPT, not ${partitions}`, {
    hint: "take fewer partitions, or volumes of LVM, subvolumes or datasets in one of them",
  });
}

/** Returns the device paths of the partition of this number in the installed system. */
function namesOf(partition: KeyedPartition | undefined, number: number, { name, device }: TableHolder): string[] {
  if (partition === undefined) return [];
  const { uuid, device: own } = partition.node;
  return [
    partitionLabelPath(partitionLabel(partition, name)),
    ...(uuid === null ? [] : [`/dev/disk/by-partuuid/${uuid.toLowerCase()}`]),
    ...(own === null ? [] : [own]),
    ...(device === null || device === undefined ? [] : [partitionPath(device, number)]),
  ];
}

function refuseTwoRests(partitions: readonly KeyedPartition[], { path }: TableHolder): void {
  const keys = partitions
    .filter(({ node }) => node.size === "100%" && (node.end ?? "-0") === "-0")
    .map(({ key }) => key);
  if (keys.length < 2) return;
  throw new MkimageError(
    "BAD_REQUEST",
    `${path}: the partitions ${keys.join(" and ")} both want 100% of what is left`,
    {
      hint: "give all but one a size, such as 10G or 50%",
    },
  );
}

function refuseManyHybrids(partitions: readonly KeyedPartition[], { path }: TableHolder): void {
  const keys = partitions.filter(({ node }) => node.hybrid !== null).map(({ key }) => key);
  if (keys.length <= 3) return;
  throw new MkimageError(
    "BAD_REQUEST",
    `${path}: a hybrid MBR has room for three partitions, not for ${keys.join(", ")}`,
    {
      hint: "take hybrid away from all but three",
    },
  );
}

/** The sectors that a GPT leaves to so many partitions. */
export function usable(
  sectors: number,
  holder: TableHolder,
  partitions: number,
): Pick<GptLayout, "firstUsable" | "lastUsable"> {
  const { first, last } = usableSpan(sectors, holder.sectorSize, partitions);
  return { firstUsable: first, lastUsable: last };
}

type Entry = Pick<GptPartitionLayout, "name" | "type" | "guid" | "attributes" | "hybrid">;

function entry(partition: KeyedPartition, holder: TableHolder, path: string, identity: Identity): Entry {
  const { uuid, attributes, hybrid } = partition.node;
  return {
    name: partitionLabel(partition, holder.name),
    type: partitionType(partition),
    guid: (uuid ?? identity.uuid(`${path} guid`)).toUpperCase(),
    attributes: [...new Set(attributes)].toSorted((a, b) => a - b),
    hybrid: hybrid === null ? null : { type: byteOf(hybrid.mbrPartitionType), active: hybrid.mbrBootableFlag },
  };
}

function hybridMbr(gpt: GptNode): GptLayout["hybridMbr"] {
  if (Object.values(gpt.partitions).every((partition) => partition.hybrid === null)) return null;
  return gpt.efiGptPartitionFirst ? "protective-first" : "protective-last";
}

function byteOf(text: string | null): number | null {
  return text === null ? null : Number.parseInt(text.replace(/^0x/i, ""), 16);
}
