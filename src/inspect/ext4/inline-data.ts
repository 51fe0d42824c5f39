import { inodeFlags } from "../../structures/ext4/inode.ts";
import {
  paddedXattr,
  xattrBodyHeader,
  xattrBodyHeaderLength,
  xattrEntry,
  xattrEntryLength,
  xattrMagic,
  xattrPrefixes,
} from "../../structures/ext4/xattrs.ts";
import { readRecord } from "../../structures/record.ts";
import { badImage } from "../../base/image-faults.ts";
import type { ExtInode } from "./inode-reader.ts";

/** The attribute `system.data`. */
const data = { prefix: xattrPrefixes.system, name: "data" } as const;

/** Whether a small file, folder or link stands in its inode. */
export function isInline({ flags }: ExtInode): boolean {
  return (flags & inodeFlags.inline) !== 0;
}

/**
 * The two parts of a small content: what stands where block numbers would, and what stands among the attributes.
 *
 * Source: kernel.org, filesystems/ext4, "Inline Data", "Extended Attributes".
 *
 * @throws MkimageError BAD_IMAGE when the attributes are damaged.
 */
export function inlineParts(inode: ExtInode): [inArea: Buffer, amongAttributes: Buffer] {
  const [inArea, amongAttributes] = storedParts(inode);
  const length = inArea.length + amongAttributes.length;
  if (length < inode.size) throw badImage(`its ${inode.size} bytes are not all in its inode`);
  return [inArea, amongAttributes];
}

/**
 * The bytes of a small file, as far as they are stored: what is missing to its size is a hole, as in every other file.
 *
 * @throws MkimageError BAD_IMAGE when the attributes are damaged.
 */
export function inlineBytes(inode: ExtInode): Buffer {
  return Buffer.concat(storedParts(inode)).subarray(0, inode.size);
}

function storedParts({ blockArea, rest, size }: ExtInode): [inArea: Buffer, amongAttributes: Buffer] {
  const more = size > blockArea.length ? valueOf(rest) : Buffer.alloc(0);
  return [blockArea, more.subarray(0, Math.max(0, size - blockArea.length))];
}

function valueOf(rest: Buffer): Buffer {
  if (rest.length < xattrBodyHeaderLength || xattrBodyHeader.magic.read(rest) !== xattrMagic)
    throw badImage("its inode has no attributes");
  const entries = rest.subarray(xattrBodyHeaderLength);
  for (let at = 0; at + xattrEntryLength <= entries.length && entries.readUInt32LE(at) !== 0;) {
    const { nameLength, prefix, valueAt, valueLength } = readRecord(xattrEntry, entries, at);
    const nameAt = at + xattrEntryLength;
    const name = entries.toString("latin1", nameAt, nameAt + nameLength);
    if (prefix === data.prefix && name === data.name) return entries.subarray(valueAt, valueAt + valueLength);
    at = nameAt + paddedXattr(nameLength);
  }
  return Buffer.alloc(0);
}
