import { lengthOf, type Span } from "../../layout/span.ts";
import { partitionPath } from "../../layout/partition-path.ts";
import { gravest, type Property, sizeProperties } from "./difference.ts";
import { factsOf } from "./findings.ts";
import type { TableEdit } from "./table-steps.ts";
import { activeFault, inPartition, spanOf, type Tables } from "./tables.ts";
import type { TablePartition } from "./table-changes.ts";

/** A partition that is there: its entry in the table, and then what is in it. */
export function comparePartition(
  partition: TablePartition,
  there: TablePartition,
  span: Span | undefined,
  fault: string | undefined,
  tables: Tables,
): TableEdit[] {
  const { pair, comparing, scheme } = tables;
  const { findings } = comparing;
  const facts = factsOf(comparing, there.path);
  const [old] = spanOf(there, tables);
  const device = facts?.device ?? partitionPath(pair.device, there.number);
  const before = facts?.size ?? 0;
  const after = span === undefined ? before : lengthOf(span) * pair.sectorSize;
  const properties: Property[] = [...sizeProperties(before, after), ...entryProperties(partition, there, scheme)];
  const lost = facts === undefined || old === undefined ? "nothing is known of where it lies" : undefined;
  const other =
    partition.role === there.role ? undefined : `it is ${there.role}, and does not become ${partition.role}`;
  const refusal = fault ?? other ?? lost ?? activeFault(partition, there.number, tables);
  findings.devices.set(partition.path, device);
  findings.nodes.push({
    path: partition.path,
    what: `partition ${there.number}`,
    device,
    before,
    after,
    properties,
    loses: [],
    state: properties.length === 0 && refusal === undefined ? "same" : "different",
    change: gravest(properties.map((property) => property.change)),
    ...(refusal === undefined ? {} : { refusal }),
  });
  findings.after.set(partition.path, {
    ...facts,
    device,
    usedAt: facts?.usedAt ?? [],
    size: after,
    label: partition.label ?? facts?.label,
  });
  inPartition(partition, { there, device, before, after }, tables);
  const sized = old !== undefined && span !== undefined && before !== after;
  return [
    ...(sized ? [{ number: there.number, key: "size", value: lengthOf(span) } as const] : []),
    ...entryEdits(partition, there, scheme),
  ];
}

/** The differences of a partition's entry, beside its place. */
function entryProperties(one: TablePartition, there: TablePartition, scheme: "gpt" | "dos"): Property[] {
  return entryEdits(one, there, scheme).flatMap((edit): Property[] => {
    switch (edit.key) {
      case "name":
        return [{ name: "name", from: there.label ?? "", to: edit.value, change: "free" }];
      case "type":
        return [{ name: "type", from: there.type, to: edit.value, change: "free" }];
      case "attrs":
        return [{ name: "attributes", from: there.attributes.join(","), to: edit.value.join(","), change: "free" }];
      case "active":
        return [{ name: "bootable", from: "no", to: "yes", change: "free" }];
      default:
        return [];
    }
  });
}

function entryEdits(one: TablePartition, there: TablePartition, scheme: "gpt" | "dos"): TableEdit[] {
  const { number } = there;
  const renamed = scheme === "gpt" && one.label !== (there.label ?? "") ? one.label : null;
  const bits = [...new Set([...there.attributes, ...one.attributes])].toSorted((a, b) => a - b);
  const isMissingBits = bits.length > there.attributes.length;
  return [
    ...(renamed === null ? [] : [{ number, key: "name", value: renamed } as const]),
    // In an MBR the type decides whether the first sector is a record of the table: nobody's data is there to be one.
    ...(scheme === "dos" || one.isTypeOpen || one.type === there.type
      ? []
      : [{ number, key: "type", value: one.type } as const]),
    ...(scheme === "gpt" && isMissingBits ? [{ number, key: "attrs", value: bits } as const] : []),
    ...(scheme === "dos" && one.active && !there.active ? [{ number, key: "active" } as const] : []),
  ];
}
