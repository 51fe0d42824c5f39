import test from "ava";
import fc from "fast-check";
import { extentEntryLength, extentHeader, extentIndex, extentLeaf } from "../../src/structures/ext4/extent-tree.ts";
import {
  entryHeaderLength,
  extFolderEntry,
  folderTail,
  folderTailLength,
  hashTreeChecksum,
  hashTreeChild,
  hashTreeChildLength,
  hashTreeCounts,
  hashTreeRoot,
  rootChildrenAt,
} from "../../src/structures/ext4/folder-block.ts";
import { groupDescriptor, wideDescriptorSize } from "../../src/structures/ext4/group-descriptor.ts";
import { extInode, leastInodeSize } from "../../src/structures/ext4/inode.ts";
import { journalSuperblockFields } from "../../src/structures/ext4/journal.ts";
import { extSuperblock, superblockLength } from "../../src/structures/ext4/superblock.ts";
import {
  xattrBlockHeader,
  xattrBlockHeaderLength,
  xattrEntry,
  xattrEntryLength,
} from "../../src/structures/ext4/xattrs.ts";
import {
  fat32Parameters,
  fatBootLength,
  fatBootSector,
  fatIdentity,
  fatIdentityLength,
  fatInformation,
} from "../../src/structures/fat/boot-sector.ts";
import { fatEntry, fatEntryLength, fatLongNameEntry } from "../../src/structures/fat/folder-entry.ts";
import { gptEntry, gptEntryLength } from "../../src/structures/gpt/entry.ts";
import { gptHeader, gptHeaderLength } from "../../src/structures/gpt/header.ts";
import { mbrEntry, mbrLength, mbrSector } from "../../src/structures/mbr/sector.ts";
import { qcow2Header, qcow2HeaderLength } from "../../src/structures/qcow2/header.ts";
import { readAlone, readRecord, writeRecord } from "../../src/structures/record.ts";
import { anyValue, type DescribedRecord, overlaps } from "./records.ts";

const records: readonly DescribedRecord[] = [
  { name: "GPT header", fields: gptHeader, length: gptHeaderLength },
  { name: "GPT entry", fields: gptEntry, length: gptEntryLength },
  { name: "MBR", fields: mbrSector, length: mbrLength },
  { name: "MBR entry", fields: mbrEntry, length: 16 },
  { name: "FAT boot sector", fields: { ...fatBootSector, ...prefixed(fat32Parameters) }, length: fatBootLength },
  { name: "FAT identity", fields: fatIdentity, length: fatIdentityLength },
  { name: "FAT FSInfo", fields: fatInformation, length: fatBootLength },
  { name: "FAT folder entry", fields: fatEntry, length: fatEntryLength },
  { name: "FAT long name entry", fields: fatLongNameEntry, length: fatEntryLength },
  { name: "ext superblock", fields: extSuperblock, length: superblockLength },
  { name: "ext group descriptor", fields: groupDescriptor, length: wideDescriptorSize },
  { name: "ext inode", fields: extInode, length: leastInodeSize + 32 },
  { name: "ext extent header", fields: extentHeader, length: extentEntryLength },
  { name: "ext extent", fields: extentLeaf, length: extentEntryLength },
  { name: "ext extent index", fields: extentIndex, length: extentEntryLength },
  { name: "ext folder entry", fields: extFolderEntry, length: entryHeaderLength },
  { name: "ext folder tail", fields: folderTail, length: folderTailLength },
  { name: "ext hash tree root", fields: hashTreeRoot, length: rootChildrenAt },
  { name: "ext hash tree child", fields: hashTreeChild, length: hashTreeChildLength },
  { name: "ext hash tree counts", fields: hashTreeCounts, length: hashTreeChildLength },
  { name: "ext hash tree checksum", fields: hashTreeChecksum, length: hashTreeChildLength },
  { name: "ext attribute block", fields: xattrBlockHeader, length: xattrBlockHeaderLength },
  { name: "ext attribute", fields: xattrEntry, length: xattrEntryLength },
  { name: "ext journal", fields: journalSuperblockFields, length: 1024 },
  { name: "qcow2 header", fields: qcow2Header, length: qcow2HeaderLength },
];

for (const record of records) {
  const { name, fields, length } = record;
  const anyRecord = fc.record(Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, anyValue(field)])));

  test(`${name}: every field is inside, and none has a byte of another`, (t) => {
    t.deepEqual(overlaps(record), []);
    for (const [key, field] of Object.entries(fields))
      t.true(field.offset >= 0 && field.offset + field.length <= length, key);
  });

  test(`${name}: any values that are written are read again, wherever the record begins`, (t) => {
    fc.assert(
      fc.property(anyRecord, fc.nat(64), (values, start) => {
        const bytes = Buffer.alloc(start + length);
        writeRecord(fields, bytes, values, start);
        t.deepEqual(plain(readRecord(fields, bytes, start)), plain(values));
      }),
    );
  });

  test(`${name}: what is not written stays as it was`, (t) => {
    fc.assert(
      fc.property(anyRecord, fc.constantFrom(...Object.entries(fields)), (values, [key, field]) => {
        const bytes = Buffer.alloc(length, 0xa5);
        writeRecord(fields, bytes, { [key]: values[key] });
        const end = field.offset + field.length;
        const isOther = (_: number, at: number): boolean => at < field.offset || at >= end;
        t.true(bytes.filter(isOther).every((byte) => byte === 0xa5));
      }),
    );
  });

  test(`${name}: a record that is cut off is not read as a whole`, (t) => {
    const end = Math.max(...Object.values(fields).map((field) => field.offset + field.length));
    const numbers = Object.values(fields).filter((field) => typeof field.read(Buffer.alloc(length)) === "number");
    const last = numbers.toSorted((one, other) => one.offset - other.offset).at(-1);
    if (last !== undefined)
      t.throws(() => last.read(Buffer.alloc(last.offset + last.length - 1)), { instanceOf: RangeError });
    t.notThrows(() => readRecord(fields, Buffer.alloc(end)));
  });
}

test("a field is read from its own bytes alone", (t) => {
  const bytes = Buffer.alloc(superblockLength);
  extSuperblock.magic.write(bytes, 0xef53);
  const { offset, length } = extSuperblock.magic;
  t.is(readAlone(extSuperblock.magic, bytes.subarray(offset, offset + length)), 0xef53);
  t.throws(() => readAlone(extSuperblock.magic, bytes.subarray(offset, offset + length - 1)), {
    instanceOf: RangeError,
  });
});

test("a record begins where it is said to", (t) => {
  const bytes = Buffer.alloc(48);
  writeRecord(mbrEntry, bytes, { type: 0x83, first: 0x01020304 }, 16);
  t.is(bytes.toString("hex", 16, 32), "00000000830000000403020100000000");
  t.true([...bytes.subarray(0, 16), ...bytes.subarray(32)].every((byte) => byte === 0));
});

/** Fields that stand in the same record as others of the same names. */
function prefixed(fields: DescribedRecord["fields"]): DescribedRecord["fields"] {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [`wide ${key}`, field]));
}

/** Bytes as plain numbers: one side has Buffers, the other has arrays. */
function plain(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(values);
  return Object.fromEntries(entries.map(([key, value]) => [key, value instanceof Uint8Array ? [...value] : value]));
}
