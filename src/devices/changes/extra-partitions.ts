import { formatSize } from "../../base/units.ts";
import { partitionPath } from "../../layout/partition-path.ts";
import { contentName } from "./content-name.ts";
import type { FoundNode } from "../found.ts";
import { factsOf } from "./findings.ts";
import type { TableEdit } from "./table-steps.ts";
import { extraPath, type Tables } from "./tables.ts";
import type { TablePartition } from "./table-changes.ts";
import { wipeContent } from "./wipe-content.ts";

/** A partition of the disk that is not in the tree is removed only if it is named, as the tree would name it. */
export function removes(partition: TablePartition, tables: Tables): boolean {
  return tables.comparing.destroys(extraPath(partition, tables));
}

/** Says of a partition of the tree that nothing tells which one it is. */
export function doubtPartition(
  partition: TablePartition,
  others: readonly TablePartition[],
  { comparing }: Tables,
): void {
  const names = others.map(({ number, label }) => (label ? `${number} (${label})` : String(number)));
  comparing.findings.nodes.push({
    path: partition.path,
    what: "a partition",
    device: null,
    before: null,
    after: null,
    state: "unknown",
    change: "none",
    properties: [],
    loses: [],
    refusal: `it could be partition ${names.join(" or ")}, and nothing tells: give it the UUID of the one that is meant, or one of its own if it is none of them`,
  });
}

/** A partition that is not in the tree stays, with all that is in it. */
export function keepPartition(partition: TablePartition, tables: Tables): void {
  const { findings, found } = tables.comparing;
  const facts = found.nodes.get(partition.path);
  const path = extraPath(partition, tables);
  const name = partition.label ? `${partition.number} (${partition.label})` : partition.number;
  const holds = partition.content === null ? "" : `, ${contentName(partition.content)}`;
  findings.nodes.push({
    path,
    what: `partition ${name}${holds}`,
    device: facts?.device ?? null,
    before: facts?.size ?? null,
    after: facts?.size ?? null,
    state: "extra",
    change: "none",
    properties: [],
    loses: [],
  });
  findings.kept.set(path, partition.path);
  for (const [at, node] of found.nodes) {
    if (at === partition.path || at.startsWith(`${partition.path}.`))
      findings.after.set(path + at.slice(partition.path.length), node);
  }
}

/** A partition that is not in the tree, and is named, goes with what is in it, if that can be shown. */
export function removePartition(partition: TablePartition, tables: Tables): TableEdit[] {
  const { comparing, pair } = tables;
  const { findings } = comparing;
  const facts = factsOf(comparing, partition.path);
  const path = extraPath(partition, tables);
  const device = facts?.device ?? partitionPath(pair.device, partition.number);
  const doomed = { path: `${path}.content`, foundPath: `${partition.path}.content`, device };
  const { loses, refusal, steps } = wipeContent(doomed, partition.content, comparing);
  const fault = removalFault(partition, facts) ?? refusal;
  const named = [partition.label, facts?.uuid].filter((one) => one !== undefined && one !== null && one !== "");
  const name = `partition ${partition.number}${named.length === 0 ? "" : ` (${named.join(", ")})`}`;
  findings.nodes.push({
    path,
    what: name,
    device,
    before: facts?.size ?? null,
    after: null,
    state: "extra",
    change: "destructive",
    properties: [],
    loses: [`${name}${facts === undefined ? "" : ` of ${formatSize(facts.size)}`}`, ...loses],
    ...(fault === undefined ? {} : { refusal: fault }),
  });
  if (fault !== undefined) return [];
  findings.steps.push({ phase: "remove", at: steps });
  return [{ number: partition.number, key: "delete" }];
}

/** Logical partitions change their numbers when another goes, and an extended one takes them all with it. */
function removalFault({ role }: TablePartition, facts: FoundNode | undefined): string | undefined {
  if (role === "extended") return "it has the logical partitions, which would go with it";
  if (role === "logical") return "a logical partition does not go: those behind it would get other numbers";
  if (facts?.doubt !== undefined) return facts.doubt;
  if (facts?.device !== undefined) return facts.obstacle;
  return facts?.obstacle ?? "there is no device for it, so that what is on it is not known";
}
