import { MkimageError } from "../../base/errors.ts";
import { type ByteString, textOf } from "../../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import { lookUp } from "../../manifest/tree.ts";
import { isBelow, locate, type PlacedMount, reasonOf } from "../../devices/tree/mount-table.ts";
import { type TreeChange, cutOut, folderAt, ownFolder } from "./tree-change.ts";

/** The part of the file tree at a mount point and below it. */
export interface BoundPiece {
  readonly change: TreeChange;
  /** The folder, or what else a bind mount is mounted on; `undefined`: a file that stands at its source already. */
  readonly top: "folder" | Inode | undefined;
}

/** A file or folder of the system that has no place on a disk. */
export interface Unkept {
  /** The path, name by name. */
  readonly names: readonly ByteString[];
  readonly inode: Inode;
  /** Why: `/ is a mount of tmpfs`. */
  readonly reason: string;
}

/** The piece of each mount point; of the root's also where nothing is mounted there. */
export type Pieces = ReadonlyMap<PlacedMount | undefined, BoundPiece>;

/**
 * Moves what stands below bind mounts to where their sources lie, since a file that is written there comes to lie there.
 *
 * @returns what has no place on a disk there either.
 * @throws MkimageError BAD_REQUEST when it cannot be said where something comes to lie, or the place is taken.
 */
export function moveToSources(pieces: Pieces, mounts: readonly PlacedMount[]): Unkept[] {
  const move: Move = { pieces, mounts, faults: [], unkept: [] };
  for (const [mount, { change, top }] of pieces) {
    if (mount?.keeper.kind !== "bind" || top === undefined) continue;
    moveFromInnerMounts(mount, change, move);
    const { names, keeper } = mount;
    moveTo(keeper.source, top === "folder" ? change.root : top, { behind: [mount], names }, move);
  }
  if (move.faults.length === 0) return move.unkept;
  throw new MkimageError("BAD_REQUEST", "some files below bind mounts have no certain place", {
    details: move.faults,
    hint: "give each of them the path that it has in the source of its bind mount",
  });
}

interface Move {
  readonly pieces: Pieces;
  readonly mounts: readonly PlacedMount[];
  readonly faults: string[];
  readonly unkept: Unkept[];
}

/** Where something stands in the system, and behind which bind mount. */
interface Origin {
  readonly behind: readonly PlacedMount[];
  readonly names: readonly ByteString[];
}

/** A recursive bind mount shows what is mounted inside its source; a plain one only what is mounted there later. */
function moveFromInnerMounts({ keeper, names, mountpoint }: PlacedMount, change: TreeChange, move: Move): void {
  if (keeper.kind !== "bind") return;
  for (const inner of move.mounts) {
    const inside = inner.names.slice(keeper.source.length);
    const isInside = inside.length > 0 && isBelow(inner.names, keeper.source) && !isBelow(inner.names, names);
    if (!isInside || isEmpty(lookUp(change.root, inside.join("/")))) continue;
    const origin = { behind: [], names: [...names, ...inside] };
    if (keeper.recursive) moveTo(inner.names, cutOut(change, inside.join("/")).root, origin, move);
    else {
      move.faults.push(
        `${shown(origin.names)}: whether ${mountpoint} shows ${inner.mountpoint} there depends on which is mounted first`,
      );
    }
  }
}

function moveTo(goal: readonly ByteString[], inode: Inode, { behind, names }: Origin, move: Move): void {
  const { mount, inside } = locate(goal, move.mounts, behind);
  const reason = reasonOf(mount);
  const piece = move.pieces.get(mount);
  if (piece === undefined || piece.top !== "folder" || reason !== undefined) {
    const through = behind.map(({ mountpoint }) => `${mountpoint} shows ${shown(goal)}, and `).join("");
    move.unkept.push({ names, inode, reason: `${through}${reason ?? "that is a file"}` });
    return;
  }
  const name = inside.at(-1);
  const way = { change: piece.change, faults: move.faults, names, goal };
  if (name === undefined) merge(piece.change.root, inode, way);
  else put(folderAt(piece.change, inside.slice(0, -1).join("/")), name, inode, way);
}

/** A path before and after the move. */
interface Way {
  readonly change: TreeChange;
  readonly faults: string[];
  readonly names: readonly ByteString[];
  readonly goal: readonly ByteString[];
}

function put(parent: DirectoryInode, name: ByteString, inode: Inode, way: Way): void {
  const present = parent.entries.get(name);
  if (present === undefined) parent.entries.set(name, inode);
  else if (present.type === "directory") merge(ownFolder(way.change, parent, name, present), inode, way);
  else way.faults.push(`${shown(way.names)}: there is ${shown(way.goal)} already`);
}

/** A folder comes to a folder that is there. */
function merge(folder: DirectoryInode, inode: Inode, way: Way): void {
  const { names, goal, faults } = way;
  if (inode.type !== "directory") faults.push(`${shown(names)}: there is ${shown(goal)} already`);
  else
    for (const [name, entry] of inode.entries)
      put(folder, name, entry, { ...way, names: [...names, name], goal: [...goal, name] });
}

function isEmpty(inode: Inode | undefined): boolean {
  return inode === undefined || (inode.type === "directory" && [...inode.entries.values()].every(isEmpty));
}

function shown(names: readonly ByteString[]): string {
  return `/${textOf(names.join("/"))}`;
}
