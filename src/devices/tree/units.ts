import type { DeviceTree } from "../device-tree.ts";
import { unitTypeOf } from "../registry.ts";
import type { UnitPlace } from "../unit-type.ts";
import type { Located } from "./locate.ts";
import { type UnitEntry, unitEntries } from "./unit-entries.ts";

/** A node of the top level of a tree, with the nodes on the devices that it provides. */
export interface Unit extends UnitEntry {
  /** Of a disk: where it is on the machine that runs the steps. */
  readonly device: string | null;
  /** Whether destroying the tree wipes it. */
  readonly isWiped: boolean;
  readonly contents: readonly Located[];
}

/**
 * The nodes of the top level: kinds alphabetically, then names, byte by byte.
 *
 * @throws MkimageError BAD_REQUEST when a disk has no device.
 */
export function unitsOf(tree: DeviceTree, devices: Readonly<Record<string, string>> = {}): Unit[] {
  return unitEntries(tree)
    .toSorted(byPath)
    .map((entry) => {
      const { kind, node } = entry;
      const type = unitTypeOf(kind);
      const place: UnitPlace = { ...entry, devices };
      return {
        ...entry,
        device: type.device?.(node, place) ?? null,
        isWiped: type.isWiped?.(node) ?? false,
        contents: type.inside?.(node, place) ?? [],
      };
    });
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}
