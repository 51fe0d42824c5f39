import { MkimageError } from "../../base/errors.ts";
import { sharedThings, type TakenThing } from "../../base/shared-things.ts";
import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import { contentsOf } from "./contents.ts";
import { mountsOf } from "./mountpoints.ts";
import { plainPath } from "./taken.ts";
import { unitEntries } from "./unit-entries.ts";

/**
 * Refuses a tree in which two nodes have what only one can have: a mount point, a name, a UUID, a device. Labels
 * of filesystems may be equal, as of mirrored ESPs: nothing of ours goes by them.
 *
 * @throws MkimageError BAD_REQUEST with every such thing, and the nodes that have it.
 */
export function refuseDuplicates(tree: DeviceTree): void {
  const faults = sharedThings(takenOf(tree));
  if (faults.length === 0) return;
  throw new MkimageError("BAD_REQUEST", "some nodes of the device tree have what only one can have", {
    details: faults,
    hint: "give all but one of them another, or none",
  });
}

function takenOf(tree: DeviceTree): TakenThing[] {
  return [
    ...mountsOf(tree).map(({ mountpoint, path }) => ({ what: `the mount point ${plainPath(mountpoint)}`, path })),
    ...unitEntries(tree).flatMap(({ kind, node, ...place }) => unitTypeOf(kind).takes?.(node, place) ?? []),
    ...contentsOf(tree).flatMap(({ node, path }) => contentTypeOf(node).takes?.(node, path) ?? []),
  ];
}
