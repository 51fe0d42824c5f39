import { constants } from "node:fs";
import type { Inode } from "../inode.ts";

/** Returns the type of an inode with this `st_mode`. */
export function typeOf(mode: number): Inode["type"] {
  return typesByFormat[mode & constants.S_IFMT] as Inode["type"];
}

/** The mode of a store path: Nix keeps of a mode only whether the owner may execute the file. */
export function storeMode(type: Inode["type"], mode: number): number {
  if (type === "symlink") return 0o777;
  return type === "directory" || (mode & 0o100) !== 0 ? 0o555 : 0o444;
}

const typesByFormat: Readonly<Record<number, Inode["type"]>> = {
  [constants.S_IFREG]: "file",
  [constants.S_IFDIR]: "directory",
  [constants.S_IFLNK]: "symlink",
  [constants.S_IFBLK]: "block-device",
  [constants.S_IFCHR]: "character-device",
  [constants.S_IFIFO]: "fifo",
  [constants.S_IFSOCK]: "socket",
};
