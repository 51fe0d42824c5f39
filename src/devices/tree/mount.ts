/** Something of a device tree that is mounted. */
export interface TreeMount {
  /** Where in the system. */
  readonly mountpoint: string;
  /** Where what is mounted stands in the tree; with the subvolume or the dataset, where it is one. */
  readonly path: string;
  /** Where what is written there goes. Default: to a filesystem on the disks of the tree. */
  readonly source?: MountSource;
}

/** The source of a mount that is no filesystem on the disks of the tree. */
export type MountSource =
  /** A folder of the system, seen a second time, with what is mounted below it or without. */
  | { readonly kind: "bind"; readonly folder: string; readonly recursive: boolean }
  /** Nothing that an image can hold: `a mount of tmpfs`. */
  | { readonly kind: "elsewhere"; readonly what: string };

interface Mountable {
  readonly mountpoint: string | null;
}

/** Where a node is mounted, if anywhere. */
export function mountOf({ mountpoint }: Mountable, path: string): TreeMount[] {
  return mountpoint === null ? [] : [{ mountpoint, path }];
}

/** Where a filesystem and its subvolumes are mounted. */
export function mountsWithSubvolumes(
  node: Mountable & { readonly subvolumes: Readonly<Record<string, Mountable>> },
  path: string,
): TreeMount[] {
  return [...mountOf(node, path), ...mountsIn(node.subvolumes, `${path}.subvolumes`)];
}

/** Where what is in a set is mounted: subvolumes, datasets. */
export function mountsIn(set: Readonly<Record<string, Mountable>>, path: string): TreeMount[] {
  return Object.entries(set).flatMap(([key, node]) => mountOf(node, `${path}.${key}`));
}
