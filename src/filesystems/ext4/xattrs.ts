import { MkimageError } from "../../base/errors.ts";
import { bytesOf, type ByteString, textOf } from "../../base/byte-string.ts";
import type { Inode } from "../../manifest/inode.ts";
import { diskAcl } from "./acl.ts";
import { xattrBlockChecksum } from "../../structures/ext4/checksums.ts";
import { leastInodeSize } from "../../structures/ext4/inode.ts";
import {
  paddedXattr,
  xattrBlockHeader,
  xattrBlockHeaderLength,
  xattrBodyHeader,
  xattrBodyHeaderLength,
  xattrEndLength,
  xattrEntry,
  xattrEntryLength,
  xattrMagic,
  xattrPrefixes,
} from "../../structures/ext4/xattrs.ts";
import { writeRecord } from "../../structures/record.ts";
import { blockSize, extraInodeSize, inodeSize } from "./geometry.ts";

/** The room for extended attributes behind the fields of a 256-byte inode. */
const bodySize = inodeSize - leastInodeSize - extraInodeSize;
const longestName = 255;

/** Attribute names as ext4 keeps them: a number for the beginning, and what follows it. */
const prefixes: readonly (readonly [prefix: string, index: number])[] = [
  ["system.posix_acl_access", xattrPrefixes.accessAcl],
  ["system.posix_acl_default", xattrPrefixes.defaultAcl],
  ["user.", xattrPrefixes.user],
  ["trusted.", xattrPrefixes.trusted],
  ["security.", xattrPrefixes.security],
];

interface Attribute {
  readonly index: number;
  readonly name: Buffer;
  readonly value: Uint8Array;
}

interface SplitAttributes {
  readonly inBody: readonly Attribute[];
  readonly inBlock: readonly Attribute[];
}

/** Whether an inode's attributes do not all fit into the inode. Throws MkimageError as `xattrBlock`. */
export function needsXattrBlock(inode: Inode): boolean {
  if (inode.xattrs === undefined || inode.xattrs.size === 0) return false;
  return split(inode.xattrs).inBlock.length > 0;
}

/** Writes the attributes that stand in the inode: up to 96 bytes at `at`, which are zeros. */
export function writeXattrBody(target: Buffer, at: number, xattrs: ReadonlyMap<ByteString, Uint8Array>): void {
  const { inBody } = split(xattrs);
  if (inBody.length === 0) return;
  xattrBodyHeader.magic.write(target, xattrMagic, at);
  const area = target.subarray(at + xattrBodyHeaderLength, at + bodySize);
  writeAttributes(area, inBody, { first: 0, withHash: false });
}

/**
 * The block of those attributes that do not fit into the inode.
 *
 * @param checksumSeed what the filesystem's checksums begin with.
 * @throws MkimageError BAD_REQUEST for a name that ext4 does not know, or when the attributes do not fit into one block.
 *
 * Source: kernel.org, filesystems/ext4, "Extended Attributes".
 */
export function xattrBlock(xattrs: ReadonlyMap<ByteString, Uint8Array>, number: number, checksumSeed: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const hash = writeAttributes(block, split(xattrs).inBlock, { first: xattrBlockHeaderLength, withHash: true });
  writeRecord(xattrBlockHeader, block, { magic: xattrMagic, references: 1, blocks: 1, hash });
  xattrBlockHeader.checksum.write(block, xattrBlockChecksum(checksumSeed, number, block));
  return block;
}

function split(xattrs: ReadonlyMap<ByteString, Uint8Array>): SplitAttributes {
  const attributes = [...xattrs].map(([name, value]) => attributeOf(name, value)).sort(inDiskOrder);
  const inBody: Attribute[] = [];
  const inBlock: Attribute[] = [];
  let bodyLeft = bodySize - xattrBodyHeaderLength - xattrEndLength;
  let blockLeft = blockSize - xattrBlockHeaderLength - xattrEndLength;
  for (const attribute of attributes) {
    const size = sizeOf(attribute);
    if (size <= bodyLeft) {
      inBody.push(attribute);
      bodyLeft -= size;
    } else {
      inBlock.push(attribute);
      blockLeft -= size;
    }
  }
  if (blockLeft < 0) throw tooLarge(-blockLeft);
  return { inBody, inBlock };
}

function attributeOf(fullName: ByteString, value: Uint8Array): Attribute {
  const [prefix, index] = prefixes.find(([start]) => fullName.startsWith(start)) ?? ["", 0];
  const name = bytesOf(fullName.slice(prefix.length));
  const isAcl = index === xattrPrefixes.accessAcl || index === xattrPrefixes.defaultAcl;
  if (index === 0 || name.length > longestName || isAcl !== (name.length === 0)) throw unknownName(fullName);
  return { index, name, value: isAcl ? diskAcl(value) : value };
}

/** Attributes are searched in this order: by the number of the prefix, the length of the name, the name. */
function inDiskOrder(a: Attribute, b: Attribute): number {
  return a.index - b.index || a.name.length - b.name.length || Buffer.compare(a.name, b.name);
}

function sizeOf({ name, value }: Attribute): number {
  return paddedXattr(xattrEntryLength + name.length) + paddedXattr(value.length);
}

interface AreaForm {
  /** Where the entries begin; values are at offsets from the start of the area, filled from its end. */
  readonly first: number;
  readonly withHash: boolean;
}

/** Writes entries and values; gives the hash over all of them. */
function writeAttributes(area: Buffer, attributes: readonly Attribute[], { first, withHash }: AreaForm): number {
  let at = first;
  let valueEnd = area.length;
  let blockHash = 0;
  for (const { index, name, value } of attributes) {
    valueEnd -= paddedXattr(value.length);
    area.set(value, valueEnd);
    const valueAt = value.length === 0 ? 0 : valueEnd;
    const hash = withHash ? entryHash(name, area.subarray(valueEnd, valueEnd + paddedXattr(value.length))) : 0;
    const fields = { nameLength: name.length, prefix: index, valueAt, valueLength: value.length, hash };
    writeRecord(xattrEntry, area, fields, at);
    area.set(name, at + xattrEntryLength);
    at += paddedXattr(xattrEntryLength + name.length);
    blockHash = ((blockHash << 16) ^ (blockHash >>> 16) ^ hash) >>> 0;
  }
  return blockHash;
}

function entryHash(name: Buffer, paddedValue: Buffer): number {
  let hash = 0;
  for (const byte of name) hash = (hash << 5) ^ (hash >>> 27) ^ byte;
  for (let at = 0; at < paddedValue.length; at += 4) {
    hash = (hash << 16) ^ (hash >>> 16) ^ paddedValue.readUInt32LE(at);
  }
  return hash >>> 0;
}

function unknownName(name: ByteString): MkimageError {
  return new MkimageError("BAD_REQUEST", `ext4 cannot hold the extended attribute ${JSON.stringify(textOf(name))}`, {
    hint: "it knows user.*, trusted.*, security.*, system.posix_acl_access and system.posix_acl_default, up to 255 bytes",
  });
}

function tooLarge(excess: number): MkimageError {
  return new MkimageError("BAD_REQUEST", `the extended attributes of a file are ${excess} bytes too large for ext4`, {
    hint: "all that a file has, names and values, must fit into one block of 4096 bytes and what is free in its inode",
  });
}
