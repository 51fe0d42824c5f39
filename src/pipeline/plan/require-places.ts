import type { Installation } from "../../bootloaders/installation.ts";
import { MkimageError } from "../../base/errors.ts";
import { type ByteString, textOf } from "../../base/byte-string.ts";
import type { Inode } from "../../manifest/inode.ts";
import { lookUp, namesOf, type FilePlace, walk } from "../../manifest/tree.ts";
import type { Unkept } from "./bind-mounts.ts";
import type { Blueprint } from "./blueprint.ts";
import type { ImagePlan } from "./image-plan.ts";
import { isBelow } from "../../devices/tree/mount-table.ts";

/**
 * Holds a plan to every file having a place on a disk: what the user asked for, boot files, and the store.
 *
 * @returns a line for the user for each mount point below which something else has none.
 * @throws MkimageError BAD_REQUEST with every file that has to be kept and is not.
 */
export function requirePlaces({ source, request }: Blueprint, plan: ImagePlan, { trees }: Installation): string[] {
  const boot = [...trees].map(([path, inode]) => ({ path, inode }));
  const lost = plan.unkept.flatMap((unkept) => filesIn(unkept));
  const faults = lost.flatMap((file) => faultsOf(file, [...source.asked, ...boot]));
  if (faults.length > 0) {
    throw new MkimageError("BAD_REQUEST", "some files would be in no filesystem of the device tree", {
      details: shortened(faults, (more) => `and ${more} more`),
      hint: "add a filesystem on a disk that is mounted at or above them, or give them another place",
    });
  }
  const reasons = [...new Set(lost.filter(isNamed).map(({ reason }) => reason))];
  const promise =
    plan.withSpace === undefined && request.additionalSpace > 0
      ? ["no space is kept free: the device tree has neither / nor the store on a disk"]
      : [];
  return [...reasons.map((reason) => noteFor(reason, lost.filter(isNamed))), ...promise];
}

/** A file, or an empty folder, that is on no disk. */
interface LostFile {
  readonly names: readonly ByteString[];
  readonly inode: Inode;
  readonly reason: string;
}

function filesIn({ names, inode, reason }: Unkept): LostFile[] {
  return [...walk(inode)].flatMap((found) => {
    const path = [...names, ...namesOf(found.path)];
    const isParent = found.inode.type === "directory" && (found.inode.entries.size > 0 || found.path === "");
    return isParent ? [] : [{ names: path, inode: found.inode, reason }];
  });
}

function faultsOf(file: LostFile, needed: readonly FilePlace[]): string[] {
  const asked = needed.some((one) => isAskedAs(file, namesOf(one.path), one.inode));
  const path = shown(file);
  if (asked) return [`${path}: ${file.reason}`];
  if (isBelow(file.names, ["nix", "store"]) && file.inode.type !== "directory")
    return [`${path}: it is of the store, and ${file.reason}`];
  return [];
}

/** A folder counts where an empty one was asked for, and not as one of a whole root: others may be mount points. */
function isAskedAs({ names, inode }: LostFile, target: readonly ByteString[], asked: Inode): boolean {
  if (!isBelow(names, target) || (inode.type === "directory" && target.length === 0)) return false;
  const found = names.length === target.length ? asked : inFolder(asked, names.slice(target.length));
  return found !== undefined && (found.type !== "directory" || found.entries.size === 0);
}

function inFolder(folder: Inode, names: readonly ByteString[]): Inode | undefined {
  return folder.type === "directory" ? lookUp(folder, names.join("/")) : undefined;
}

/** The system makes its folders itself. */
function isNamed({ inode }: LostFile): boolean {
  return inode.type !== "directory";
}

function noteFor(reason: string, lost: readonly LostFile[]): string {
  const paths = lost.filter((file) => file.reason === reason).map(shown);
  return `not in the image, since ${reason}: ${shortened(paths, (more) => `${more} more`).join(", ")}`;
}

function shortened(lines: readonly string[], rest: (more: number) => string): string[] {
  return lines.length <= shownFiles ? [...lines] : [...lines.slice(0, shownFiles), rest(lines.length - shownFiles)];
}

const shownFiles = 10;

function shown({ names }: LostFile): string {
  return `/${textOf(names.join("/"))}`;
}
