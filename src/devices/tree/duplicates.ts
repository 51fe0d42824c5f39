import { MkimageError } from "../../base/errors.ts";
import { contentsOf, type PlacedContent } from "./contents.ts";
import type { DeviceTree } from "../device-tree.ts";
import { diskName } from "./disk-names.ts";
import { mountsOf } from "./mountpoints.ts";
import { sharedThings, type TakenThing } from "../../base/shared-things.ts";

/**
 * Refuses a tree in which two nodes have what only one can have: a mount point, a name, a UUID, a device. Labels
 * of filesystems may be equal, as of mirrored ESPs: nothing of ours goes by them.
 *
 * @throws MkimageError BAD_REQUEST with every such thing, and the nodes that have it.
 */
export function refuseDuplicates(tree: DeviceTree): void {
  const faults = sharedThings(claimsOf(tree));
  if (faults.length === 0) return;
  throw new MkimageError("BAD_REQUEST", "some nodes of the device tree have what only one can have", {
    details: faults,
    hint: "give all but one of them another, or none",
  });
}

function claimsOf(tree: DeviceTree): TakenThing[] {
  const contents = contentsOf(tree);
  return [
    ...mountsOf(tree).map(({ mountpoint, path }) => ({ what: `the mount point ${plainPath(mountpoint)}`, path })),
    ...diskClaims(tree),
    ...named(tree.mdadm, "mdadm", "the name of an array"),
    ...named(tree.lvm_vg, "lvm_vg", "the name of a volume group"),
    ...named(tree.zpool, "zpool", "the name of a pool"),
    ...named(tree.bcachefs_filesystems, "bcachefs_filesystems", "the name of a filesystem"),
    ...Object.entries(tree.lvm_vg).flatMap(([key, { lvs }]) => named(lvs, `lvm_vg.${key}.lvs`, `in ${key} the name`)),
    ...Object.entries(tree.zpool).flatMap(([key, { datasets }]) =>
      named(datasets, `zpool.${key}.datasets`, `in ${key} the name`),
    ),
    ...Object.entries(tree.mdadm).flatMap(([key, { uuid }]) => identified(uuid, `mdadm.${key}`)),
    ...Object.entries(tree.bcachefs_filesystems).flatMap(([key, { uuid, subvolumes }]) => [
      ...identified(uuid, `bcachefs_filesystems.${key}`),
      ...named(subvolumes, `bcachefs_filesystems.${key}.subvolumes`, `in ${key} the name`),
    ]),
    ...contents.flatMap(contentClaims),
  ];
}

function diskClaims({ disk }: DeviceTree): TakenThing[] {
  return Object.entries(disk).flatMap(([key, node]) => {
    const path = `disk.${key}`;
    const name = diskName(key, node);
    return [
      { what: `the name of a disk ${name}`, path },
      { what: `the name of an image ${node.imageName ?? name}`, path },
      ...(node.device === null ? [] : [{ what: `the device ${node.device}`, path }]),
    ];
  });
}

function contentClaims({ node, path }: PlacedContent): TakenThing[] {
  switch (node.type) {
    case "gpt": {
      const partitions = Object.entries(node.partitions);
      const uuids = partitions.flatMap(([key, { uuid }]) => partitionId(uuid, `${path}.partitions.${key}`));
      return [...partitionId(node.guid, path), ...uuids];
    }
    case "table":
      return partitionId(node.guid, path);
    case "luks":
      return [{ what: `the name of a container ${node.name}`, path }, ...identified(node.uuid, path)];
    case "btrfs":
      return [
        ...identified(node.uuid, path),
        ...named(node.subvolumes, `${path}.subvolumes`, `in ${path} the name`, plainPath),
        ...swapFiles(node.swap, "/", path, path),
        ...Object.entries(node.subvolumes).flatMap(([key, { name, swap }]) =>
          swapFiles(swap, `/${name ?? key}/`, path, `${path}.subvolumes.${key}`),
        ),
      ];
    case "filesystem":
    case "swap":
      return identified(node.uuid, path);
    default:
      return [];
  }
}

type SwapFiles = Readonly<Record<string, { readonly path: string | null }>>;

function swapFiles(files: SwapFiles, folder: string, filesystem: string, owner: string): TakenThing[] {
  return Object.entries(files).map(([key, { path }]) => {
    return {
      what: `in ${filesystem} the swap file ${plainPath(`${folder}${path ?? key}`)}`,
      path: `${owner}.swap.${key}`,
    };
  });
}

type Named = Readonly<Record<string, { readonly name: string | null }>>;

function named(set: Named, path: string, what: string, normal = (name: string) => name): TakenThing[] {
  return Object.entries(set).map(([key, { name }]) => ({
    what: `${what} ${normal(name ?? key)}`,
    path: `${path}.${key}`,
  }));
}

function identified(uuid: string | null, path: string): TakenThing[] {
  return uuid === null ? [] : [{ what: `the UUID ${uuid.toLowerCase()}`, path }];
}

function partitionId(uuid: string | null, path: string): TakenThing[] {
  return uuid === null ? [] : [{ what: `the partition's or table's GUID ${uuid.toLowerCase()}`, path }];
}

/** `/boot//efi/` is `/boot/efi`. */
function plainPath(path: string): string {
  return `/${path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/")}`;
}
