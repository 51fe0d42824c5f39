import { withoutEmptyUnknown } from "../../base/schema/without-empty-unknown.ts";
import { deviceTree } from "../device-tree.ts";
import { devicesOf, readDeviceTree } from "./read.ts";
import { type NotedTree, unsetImageSizes } from "./unset-image-sizes.ts";

/**
 * Reads a device tree that disko's own module has evaluated. It carries every option of that disko: one that is not known
 * here is passed over where its value is empty, with a note.
 *
 * @throws MkimageError BAD_REQUEST as `readDeviceTree`; an unknown key with a value is a fault.
 */
export function readEvaluatedTree(json: unknown): NotedTree {
  const { input, left } = withoutEmptyUnknown(deviceTree, devicesOf(json));
  const { tree, notes } = unsetImageSizes(readDeviceTree(input));
  return { tree, notes: [...notesOnUnknown(left), ...notes] };
}

/** One line for all of them: a newer disko has an unknown option in every node of a type. */
function notesOnUnknown(paths: readonly (readonly PropertyKey[])[]): string[] {
  const [first] = paths;
  if (first === undefined) return [];
  const keys = [...new Set(paths.map((path) => String(path.at(-1))))];
  return [
    `options of disko's that mkimage does not know are passed over, since they are not set: ${keys.join(", ")} ` +
      `(as in ${first.join(".")})`,
  ];
}
