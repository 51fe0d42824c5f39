import { badImage } from "../faults.ts";
import type { ExtInode } from "./inode-reader.ts";

const inlineFlag = 0x10000000;
const attributesMagic = 0xea020000;
const entryHeader = 16;
/** The attribute `system.data`. */
const data = { index: 7, name: "data" } as const;

/** Whether a small file, folder or link stands in its inode. */
export function isInline({ flags }: ExtInode): boolean {
  return (flags & inlineFlag) !== 0;
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
  if (rest.length < 4 || rest.readUInt32LE(0) !== attributesMagic) throw badImage("its inode has no attributes");
  const entries = rest.subarray(4);
  for (let at = 0; at + entryHeader <= entries.length && entries.readUInt32LE(at) !== 0;) {
    const [length = 0, index] = entries.subarray(at, at + 2);
    const name = entries.toString("latin1", at + entryHeader, at + entryHeader + length);
    const start = entries.readUInt16LE(at + 2);
    if (index === data.index && name === data.name)
      return entries.subarray(start, start + entries.readUInt32LE(at + 8));
    at += entryHeader + Math.ceil(length / 4) * 4;
  }
  return Buffer.alloc(0);
}
