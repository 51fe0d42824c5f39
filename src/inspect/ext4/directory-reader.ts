import type { ByteString } from "../../base/byte-string.ts";
import { entryHeaderLength, extFolderEntry } from "../../structures/ext4/folder-block.ts";
import type { Faults } from "../../base/image-faults.ts";

/** A name in a folder and the inode that it stands for. */
interface DirectoryName {
  readonly name: ByteString;
  readonly inode: number;
}

/**
 * The names in one block of a folder, without `.` and `..`. Blocks of a hash tree look like one long unused entry, and
 * give none.
 */
export function* namesIn(block: Buffer, faults: Faults): Generator<DirectoryName> {
  for (let at = 0; at + entryHeaderLength <= block.length;) {
    const inode = extFolderEntry.inode.read(block, at);
    const length = lengthOf(extFolderEntry.length.read(block, at), block.length);
    const nameLength = extFolderEntry.nameLength.read(block, at);
    if (length < entryHeaderLength || at + length > block.length || entryHeaderLength + nameLength > length) {
      faults.add("a folder's block is damaged");
      return;
    }
    const name = block.toString("latin1", at + entryHeaderLength, at + entryHeaderLength + nameLength);
    at += length;
    if (inode === 0 || name === "." || name === "..") continue;
    if (name === "" || name.includes("/") || name.includes("\0")) faults.add(`a name has a forbidden byte: ${name}`);
    else yield { name, inode };
  }
}

/** A block of 64 KiB has entries that reach to its end, which 16 bits cannot say. */
function lengthOf(field: number, blockLength: number): number {
  return blockLength === 65_536 && (field === 0xffff || field === 0) ? blockLength : field;
}
