import { MkimageError } from "../../base/errors.ts";
import { type ByteString, textOf } from "../../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import { entryTypes } from "../../structures/ext4/folder-block.ts";

/** The names in a folder in bytewise order. Throws MkimageError BAD_REQUEST for one that no folder can hold. */
export function sortedNames(folder: DirectoryInode): ByteString[] {
  const names = [...folder.entries.keys()];
  if (!names.every(hasLegalLength) || !haveLegalCharacters(names)) throw illegalName(names.find(isIllegal)!);
  return names.sort();
}

/** The number that stands for an inode's type in a folder's entries. */
export function entryType(inode: Inode): number {
  const types: Readonly<Record<Inode["type"], number>> = entryTypes;
  return types[inode.type];
}

function isIllegal(name: ByteString): boolean {
  return !hasLegalLength(name) || illegalCharacter.test(name);
}

/** Looks at the characters of many names together, which takes a fraction of the time. */
function haveLegalCharacters(names: readonly ByteString[]): boolean {
  for (let from = 0; from < names.length; from += together) {
    if (illegalCharacter.test(names.slice(from, from + together).join(""))) return false;
  }
  return true;
}

const together = 1000;

/** The two names that every folder has by itself are too short as well. */
function hasLegalLength(name: ByteString): boolean {
  return name.length > 0 && name.length <= 255 && name !== "." && name !== "..";
}

const illegalCharacter = /[\0/\u0100-\uffff]/;

function illegalName(name: ByteString): MkimageError {
  return new MkimageError("BAD_REQUEST", `${JSON.stringify(textOf(name))} cannot be a file's name`, {
    hint: "a name has 1 to 255 bytes, none of them / or NUL, and is not . or ..",
  });
}
