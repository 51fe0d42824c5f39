import type { DeviceTree } from "../device-tree.ts";
import { mountsOf } from "./mountpoints.ts";
import type { TreeMount } from "./mount.ts";
import { MkimageError } from "../../base/errors.ts";
import { byteString, type ByteString } from "../../base/byte-string.ts";
import { namesOf } from "../../manifest/tree.ts";

/** The destination of writes below a mount point. */
type Keeper =
  | { readonly kind: "filesystem" }
  /** A folder of the system, seen a second time. */
  | { readonly kind: "bind"; readonly source: readonly ByteString[]; readonly recursive: boolean }
  /** No filesystem on a disk of the tree: `a mount of tmpfs`. */
  | { readonly kind: "elsewhere"; readonly what: string };

/** A mount point of a tree. */
export interface PlacedMount extends TreeMount {
  /** The mount point, name by name. */
  readonly names: readonly ByteString[];
  readonly keeper: Keeper;
}

/** Where a path of the system lies: in what is mounted there, and how far into that. */
interface Location {
  /** `undefined`: nothing is mounted on `/`. */
  readonly mount: PlacedMount | undefined;
  readonly inside: readonly ByteString[];
}

/** Everything that is mounted of a tree, deepest mount points first. */
export function mountTable(tree: DeviceTree): PlacedMount[] {
  return mountsOf(tree)
    .map((mount) => ({ ...mount, keeper: keeperOf(mount) }))
    .map((mount) => ({ ...mount, names: namesOf(byteString(mount.mountpoint)) }))
    .toSorted((one, other) => other.names.length - one.names.length);
}

function keeperOf({ source }: TreeMount): Keeper {
  if (source?.kind !== "bind") return source ?? { kind: "filesystem" };
  return { kind: "bind", source: namesOf(byteString(source.folder)), recursive: source.recursive };
}

/**
 * Where something at a path of the system comes to lie: behind a bind mount, in its source.
 *
 * @throws MkimageError BAD_REQUEST when bind mounts lead in a circle.
 */
export function locate(
  names: readonly ByteString[],
  mounts: readonly PlacedMount[],
  behind: readonly PlacedMount[] = [],
): Location {
  const last = behind.at(-1);
  // The source of a bind mount is looked up before it is mounted itself.
  const mount = mounts.find((one) => one !== last && isBelow(names, one.names));
  const inside = names.slice(mount?.names.length ?? 0);
  if (mount?.keeper.kind !== "bind") return { mount, inside };
  if (behind.includes(mount)) throw circle([...behind, mount]);
  return locate([...mount.keeper.source, ...inside], mounts, [...behind, mount]);
}

/** Why what stands below a mount point is on no disk; `undefined`: it is on one, or behind a bind mount. */
export function reasonOf(mount: PlacedMount | undefined): string | undefined {
  if (mount === undefined) return "nothing is mounted on /";
  return mount.keeper.kind === "elsewhere" ? `${mount.mountpoint} is ${mount.keeper.what}` : undefined;
}

/**
 * The mount point of the filesystem on which space is to be free: that of the root, or, where that is on no disk, of the
 * store; `undefined`: neither is on one.
 */
export function mountpointWithSpace(mounts: readonly PlacedMount[]): string | undefined {
  const places = [[], ["nix", "store"]].map((names) => locate(names, mounts).mount);
  return places.find((mount) => mount?.keeper.kind === "filesystem")?.mountpoint;
}

/** Whether a path is a folder or something below it. */
export function isBelow(names: readonly ByteString[], folder: readonly ByteString[]): boolean {
  return folder.length <= names.length && folder.every((name, index) => name === names[index]);
}

function circle(mounts: readonly PlacedMount[]): MkimageError {
  const places = mounts.map(({ mountpoint }) => mountpoint);
  return new MkimageError("BAD_REQUEST", `bind mounts lead in a circle: ${places.join(" to ")}`, {
    hint: "give one of them a source that is on a filesystem",
  });
}
