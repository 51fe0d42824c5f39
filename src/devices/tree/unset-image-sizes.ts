import type { DeviceTree } from "../device-tree.ts";

/** disko's default of `imageSize`, which an evaluated configuration always carries. */
const defaultImageSize = "2G";

/** A tree and what a user should know about it. */
export interface NotedTree {
  readonly tree: DeviceTree;
  readonly notes: readonly string[];
}

/** An evaluated disko configuration in which disko's default size of an image counts as none: it becomes `auto`. */
export function unsetImageSizes(tree: DeviceTree): NotedTree {
  const isDefault = (name: string) => tree.disk[name]?.imageSize === defaultImageSize;
  const names = Object.keys(tree.disk).filter(isDefault);
  const disk = Object.fromEntries(
    Object.entries(tree.disk).map(([name, node]) => [name, isDefault(name) ? { ...node, imageSize: "auto" } : node]),
  );
  const notes = names.map((name) => {
    return `disk ${name}: imageSize is disko's default of ${defaultImageSize} and counts as auto; --image-size ${name}=${defaultImageSize} insists on it`;
  });
  return { tree: { ...tree, disk }, notes };
}
