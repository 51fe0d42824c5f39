import { MkimageError } from "../../base/errors.ts";
import type { Span } from "../../layout/span.ts";
import type { DeviceContent } from "../content.ts";
import { contentTypeOf } from "../registry.ts";
import { type Comparing, type DevicePair, factsOf } from "./findings.ts";
import type { TableChanges, TablePartition } from "./table-changes.ts";

/** A table of the tree, and the one that is there. */
export interface Tables {
  readonly pair: DevicePair;
  readonly foundPath: string;
  readonly rules: TableChanges<DeviceContent>;
  readonly node: DeviceContent;
  readonly scheme: "gpt" | "dos";
  readonly wanted: readonly TablePartition[];
  readonly found: readonly TablePartition[];
  readonly comparing: Comparing;
}

/** The rules of a table, which is one. */
export function tableRules(node: DeviceContent): TableChanges<DeviceContent> {
  const rules = contentTypeOf(node).changes?.table;
  if (rules === undefined) throw new MkimageError("INTERNAL", `${node.type} is compared as a table`);
  return rules;
}

/** The sectors of a partition that is there; none where nothing is known of that. */
export function spanOf({ path }: TablePartition, { pair, comparing }: Pick<Tables, "pair" | "comparing">): Span[] {
  const facts = factsOf(comparing, path);
  if (facts?.place === undefined) return [];
  const first = facts.place.offset / pair.sectorSize;
  return [{ first, last: first + facts.size / pair.sectorSize - 1 }];
}

/** The path of a partition that is not in the tree, as if it were; no other has it. */
export function extraPath({ key, path }: TablePartition, { pair, foundPath, wanted }: Tables): string {
  const own = pair.path + path.slice(foundPath.length);
  return wanted.some((one) => one.path === own) ? `${own} as it is there (${key})` : own;
}

/** Says of a partition that is to get the flag of an MBR that another one has it: the usual boot code takes two for damage. */
export function activeFault({ active }: TablePartition, number: number, tables: Tables): string | undefined {
  const { scheme, found, wanted, comparing, pair } = tables;
  if (scheme !== "dos" || !active || found.some((one) => one.active && one.number === number)) return undefined;
  const isMeant = (one: TablePartition) =>
    wanted.some((other) => other.active && other.number === one.number) || comparing.destroys(extraPath(one, tables));
  const other = found.find((one) => one.active && !isMeant(one));
  return other === undefined
    ? undefined
    : `partition ${other.number} is bootable, and the boot code of an MBR takes one only: sfdisk --activate ${pair.device} ${number} moves the flag`;
}

/** Compares what is in a partition, or makes it. */
export function inPartition(
  { path, key, content }: TablePartition,
  at: { there?: TablePartition; device: string; before: number; after: number },
  { pair, comparing }: Tables,
): void {
  const { there, device, before, after } = at;
  const foundPath = there === undefined ? undefined : `${there.path}.content`;
  comparing.compareDevice(
    {
      path: `${path}.content`,
      foundPath,
      wanted: content,
      found: there?.content ?? null,
      device,
      before,
      after,
      name: `${pair.name}-${key}`,
      sectorSize: pair.sectorSize,
    },
    comparing,
  );
}
