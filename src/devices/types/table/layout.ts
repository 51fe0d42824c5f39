import type { TableNode, TablePartitionNode } from "./schema.ts";
import type { Identity } from "../../../base/identity.ts";
import type { GptLayout, MsdosLayout } from "../../../layout/layout.ts";
import { usualGptEntries } from "../../../layout/gpt-entries.ts";
import { type NumberedPartition, numberedPartitions } from "./order.ts";
import { partedGptType, partedMsdosType } from "./types.ts";
import { usableSpan } from "../gpt/place.ts";
import { parsePartedPosition, type PartedPosition } from "./position.ts";
import { type PartedWish, placeParted } from "./place.ts";
import { refuseTooMany, usable } from "../gpt/layout.ts";
import { partitionLabelPath, partitionPath } from "../../../layout/partition-path.ts";
import type { Span } from "../../../layout/span.ts";
import { type TableHolder, type TablePlan, alignmentOf } from "../../layout/table-plan.ts";

interface PlacedPartition extends NumberedPartition {
  readonly path: string;
}

interface Parts {
  readonly table: TableNode;
  readonly partitions: readonly PlacedPartition[];
  readonly holder: TableHolder;
  readonly identity: Identity;
}

/** Plans a table of type `table`, GPT or msdos. */
export function planParted(table: TableNode, holder: TableHolder, identity: Identity): TablePlan {
  const partitions = numberedPartitions(table).map((partition, index) => {
    return { ...partition, path: `${holder.path}.partitions[${index}]` };
  });
  if (table.format === "gpt") refuseTooMany(partitions.length, usualGptEntries, "parted makes", holder);
  const parts = { table, partitions, holder, identity };
  const wishes = partitions.map(({ node, key }) => wishOf(node, key, holder.sectorSize));
  return {
    partitions: partitions.map(({ node, key, path, number }, index) => ({
      path,
      key,
      flexible: node["part-type"] !== "extended" && dependsOnDisk(wishes[index]),
      content: node.content,
      names: [
        ...(table.format === "gpt" && node.name !== null ? [partitionLabelPath(node.name)] : []),
        ...(holder.device === null || holder.device === undefined ? [] : [partitionPath(holder.device, number)]),
      ],
    })),
    place: (sectors) =>
      placeParted(wishes, { sectorSize: holder.sectorSize, sectors, usable: usableOf(table, sectors, holder) }),
    layout: (sectors, spans, contents) => {
      const geometry = partitions.map(({ path, key, number }, index) => ({
        path,
        key,
        number,
        first: spans[index]?.first ?? 0,
        last: spans[index]?.last ?? 0,
        alignment: alignmentOf(spans[index]?.first ?? 0, holder.sectorSize),
        content: contents[index] ?? null,
      }));
      return table.format === "gpt" ? gptLayout(parts, geometry, sectors) : msdosLayout(parts, geometry);
    },
  };
}

type Geometry = Omit<MsdosLayout["partitions"][number], "role" | "type" | "active">;

function gptLayout(
  { table, partitions, holder, identity }: Parts,
  geometry: readonly Geometry[],
  sectors: number,
): GptLayout {
  return {
    kind: "gpt",
    guid: (table.guid ?? identity.uuid(`${holder.path} guid`)).toUpperCase(),
    ...usable(sectors, holder, partitions.length),
    hybridMbr: null,
    partitions: partitions.flatMap(({ node, key, path }, index) => {
      const place = geometry[index];
      const guid = identity.uuid(`${path} guid`).toUpperCase();
      const entry = { name: node.name ?? "", guid, hybrid: null, ...partedGptType(node, key) };
      return place === undefined ? [] : [{ ...place, ...entry }];
    }),
  };
}

function msdosLayout({ table, partitions, holder, identity }: Parts, geometry: readonly Geometry[]): MsdosLayout {
  return {
    kind: "msdos",
    signature: table.signature === null ? identity.number32(`${holder.path} signature`) : Number(table.signature),
    partitions: partitions.flatMap(({ node, key }, index) => {
      const place = geometry[index];
      return place === undefined ? [] : [{ ...place, role: node["part-type"], ...partedMsdosType(node, key) }];
    }),
  };
}

function wishOf(node: TablePartitionNode, key: string, sectorSize: number): PartedWish {
  return {
    key,
    role: node["part-type"],
    start: parsePartedPosition(node.start, sectorSize),
    end: parsePartedPosition(node.end, sectorSize),
  };
}

function dependsOnDisk(wish: PartedWish | undefined): boolean {
  return wish !== undefined && (isRelative(wish.start) || isRelative(wish.end));
}

function isRelative({ value, unit, fromEnd }: PartedPosition): boolean {
  return fromEnd || (unit === "%" && value > 0);
}

/** The msdos table's own sector is the first; 32 bits are what its entries can hold. */
function usableOf(table: TableNode, sectors: number, holder: TableHolder): Span {
  if (table.format === "gpt") return usableSpan(sectors, holder.sectorSize, table.partitions.length);
  return { first: 1, last: Math.min(sectors, 2 ** 32) - 1 };
}
