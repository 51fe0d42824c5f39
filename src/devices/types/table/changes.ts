import { MiB } from "../../../base/units.ts";
import { overlaps, type Span } from "../../../layout/span.ts";
import type { ContentChanges } from "../../changes/type-changes.ts";
import type { PlacedPartitions, TablePartition, TableRoom } from "../../changes/table-changes.ts";
import { planParted } from "./layout.ts";
import { numberedPartitions } from "./order.ts";
import type { TableNode } from "./schema.ts";
import { partedGptType, partedMsdosType } from "./types.ts";
import { identityFrom } from "../../../base/identity.ts";

/** A table in parted's terms is changed in place. */
export const tableChanges: ContentChanges<TableNode> = {
  isSame: ({ format }, found) =>
    (found.type === "table" && found.format === format) || (found.type === "gpt" && format === "gpt"),
  table: {
    scheme: ({ format }) => (format === "gpt" ? "gpt" : "dos"),
    partitions: partitionsOf,
    place,
    // Its partitions have the numbers of their order.
    withDevices: (node) => node,
  },
};

function partitionsOf(node: TableNode, { path }: { path: string }): TablePartition[] {
  return numberedPartitions(node).map(({ node: partition, key, number }, index) => {
    const isGpt = node.format === "gpt";
    const { type, attributes } = isGpt
      ? partedGptType(partition, key)
      : { ...msdosType(partition, key), attributes: [] };
    return {
      key,
      path: `${path}.partitions[${index}]`,
      number,
      isNumbered: true,
      label: isGpt ? partition.name : null,
      usualLabel: null,
      uuid: null,
      type,
      isTypeOpen: partition["fs-type"] === null && partition.flags.length === 0,
      attributes,
      active: !isGpt && partedMsdosType(partition, key).active,
      role: partition["part-type"],
      content: partition.content,
    };
  });
}

function msdosType(partition: TableNode["partitions"][number], key: string): { type: string } {
  return { type: partedMsdosType(partition, key).type.toString(16) };
}

/** Places are as the tree says them: what is there begins where it says, within what alignment leaves over. */
function place(node: TableNode, { sectors, sectorSize, there, others }: TableRoom): PlacedPartitions {
  const holder = { path: "", name: "", sectorSize };
  const plan = planParted(node, holder, identityFrom(""));
  const placed = plan.place(sectors);
  const grain = MiB / sectorSize;
  if (placed.spans === undefined) return { faults: new Map(plan.partitions.map(({ key }) => [key, placed.fault])) };
  const faults = new Map<string, string>();
  const own = numberedPartitions(node).map(({ key, node: { "part-type": role } }, index): Placed => {
    const wanted = placed.spans[index] ?? { first: 0, last: -1 };
    const old = there.get(key);
    const isNear = old === undefined || Math.abs(wanted.first - old.first) < grain;
    const first = old?.first ?? wanted.first;
    const last = old !== undefined && Math.abs(wanted.last - old.last) < grain ? old.last : wanted.last;
    if (!isNear)
      faults.set(key, `it begins at sector ${first}, and the tree has it at ${wanted.first}: nothing is moved`);
    return { key, role, first, last };
  });
  const all = [...own, ...others.map((one): Placed => ({ ...one, key: undefined }))];
  for (const one of own) {
    const fault = faults.get(one.key ?? "") ?? placeFault(one, all, sectors);
    if (fault !== undefined) faults.set(one.key ?? "", fault);
  }
  return faults.size > 0
    ? { faults }
    : { spans: new Map(own.map(({ key = "", first, last }) => [key, { first, last }])) };
}

/** A partition in its place; without a key it is none of the tree's. */
interface Placed extends Span, Pick<TablePartition, "role"> {
  readonly key: string | undefined;
}

/** Whatever was planned: no two partitions overlap, and a logical one lies in the extended one, behind its record. */
function placeFault(one: Placed, all: readonly Placed[], sectors: number): string | undefined {
  const isLogical = one.role === "logical";
  const beside = all.filter((other) => other !== one && (other.role === "logical") === isLogical);
  const extended = all.filter(({ role }) => role === "extended");
  const logical = one.role === "extended" ? all.filter(({ role }) => role === "logical") : [];
  if (one.last < one.first || one.last >= sectors) return "it would not end on the disk, behind its start";
  if (beside.some((other) => overlaps(other, one))) return "another partition is in its place";
  if (isLogical && !extended.some((other) => other.first < one.first && one.last <= other.last))
    return "it does not lie in the extended partition";
  return logical.some(({ first, last }) => first <= one.first || last > one.last)
    ? "its logical partitions do not lie in it"
    : undefined;
}
