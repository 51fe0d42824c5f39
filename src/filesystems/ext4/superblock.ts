import { crc32c, crc32cStart } from "../../base/crc32c.ts";
import { blockSize, descriptorSize, type Geometry, groupsPerFlex, inodeSize } from "./geometry.ts";
import { journalNumber } from "./journal.ts";

/** Where the superblock stands in its block: behind a boot sector in the first, at the start in the copies. */
export const superblockOffset = 1024;
const superblockSize = 1024;

const compatible = { hasJournal: 0x4, xattrs: 0x8, resizeInode: 0x10, indexedFolders: 0x20 };
const incompatible = { entryTypes: 0x2, extents: 0x40, wideBlockNumbers: 0x80, flexGroups: 0x200 };
const readOnlyCompatible = {
  sparseSuperblocks: 0x1,
  largeFiles: 0x2,
  hugeFiles: 0x8,
  manySubfolders: 0x20,
  extraInodeSize: 0x40,
  metadataChecksums: 0x400,
};

/** The values of a superblock: the geometry, and the fields beyond it. */
export interface SuperblockFields {
  readonly geometry: Geometry;
  readonly uuid: Uint8Array;
  readonly hashSeed: Uint8Array;
  readonly label: Uint8Array;
  readonly time: number;
  readonly reservedBlocks: number;
  readonly freeBlocks: number;
  readonly freeInodes: number;
  /** Blocks of the groups' own and of the journal: what statfs leaves out of the size. */
  readonly overheadBlocks: number;
  /** The first 60 bytes of the journal inode's block area, when there is a journal. */
  readonly journalArea: Uint8Array;
}

/**
 * The superblock as it stands in `group`: 1024 bytes.
 *
 * Source: kernel.org, filesystems/ext4, "The Super Block".
 */
export function superblock(fields: SuperblockFields, group: number): Buffer {
  const bytes = Buffer.alloc(superblockSize);
  writeGeometry(bytes, fields);
  writeFeatures(bytes, fields.geometry);
  writeIdentity(bytes, fields);
  writeTimes(bytes, fields.time);
  if (fields.geometry.journalBlocks > 0) writeJournal(bytes, fields);
  bytes.writeUInt16LE(group, 0x5a);
  bytes.writeUInt32LE(crc32c(crc32cStart, bytes, 0, 0x3fc), 0x3fc);
  return bytes;
}

function writeGeometry(bytes: Buffer, fields: SuperblockFields): void {
  const { geometry } = fields;
  bytes.writeUInt32LE(geometry.inodes, 0x00);
  bytes.writeUInt32LE(geometry.blocks, 0x04);
  bytes.writeUInt32LE(fields.reservedBlocks, 0x08);
  bytes.writeUInt32LE(fields.freeBlocks, 0x0c);
  bytes.writeUInt32LE(fields.freeInodes, 0x10);
  const logBlockSize = Math.log2(blockSize / 1024);
  bytes.writeUInt32LE(logBlockSize, 0x18);
  bytes.writeUInt32LE(logBlockSize, 0x1c);
  bytes.writeUInt32LE(geometry.blocksPerGroup, 0x20);
  bytes.writeUInt32LE(geometry.blocksPerGroup, 0x24);
  bytes.writeUInt32LE(geometry.inodesPerGroup, 0x28);
  bytes.writeUInt16LE(geometry.reservedDescriptorBlocks, 0xce);
  bytes.writeUInt16LE(descriptorSize, 0xfe);
  bytes[0x174] = Math.log2(groupsPerFlex);
  bytes.writeUInt32LE(fields.overheadBlocks, 0x248);
}

function writeFeatures(bytes: Buffer, { journalBlocks }: Geometry): void {
  const { hasJournal, ...otherCompatible } = compatible;
  bytes.writeUInt32LE(sum(otherCompatible) + (journalBlocks > 0 ? hasJournal : 0), 0x5c);
  bytes.writeUInt32LE(sum(incompatible), 0x60);
  bytes.writeUInt32LE(sum(readOnlyCompatible), 0x64);
}

function writeIdentity(bytes: Buffer, fields: SuperblockFields): void {
  const neverCheckedByCount = 0xffff;
  bytes.writeUInt16LE(neverCheckedByCount, 0x36);
  const magic = 0xef53;
  bytes.writeUInt16LE(magic, 0x38);
  const clean = 1;
  bytes.writeUInt16LE(clean, 0x3a);
  const continueOnErrors = 1;
  bytes.writeUInt16LE(continueOnErrors, 0x3c);
  const dynamicRevision = 1;
  bytes.writeUInt32LE(dynamicRevision, 0x4c);
  const firstOrdinaryInode = 11;
  bytes.writeUInt32LE(firstOrdinaryInode, 0x54);
  bytes.writeUInt16LE(inodeSize, 0x58);
  bytes.set(fields.uuid, 0x68);
  bytes.set(fields.label, 0x78);
  bytes.set(fields.hashSeed, 0xec);
  const halfMd4 = 1;
  bytes[0xfc] = halfMd4;
  const userXattrsAndAcls = 0xc;
  bytes.writeUInt32LE(userXattrsAndAcls, 0x100);
  const extraInodeSize = 32;
  bytes.writeUInt16LE(extraInodeSize, 0x15c);
  bytes.writeUInt16LE(extraInodeSize, 0x15e);
  const signedHash = 1;
  bytes.writeUInt32LE(signedHash, 0x160);
  const crc32cChecksums = 1;
  bytes[0x175] = crc32cChecksums;
}

/** Times of the last write, the last check and the making; their bits above the 32nd stand apart. */
function writeTimes(bytes: Buffer, time: number): void {
  for (const [low, high] of [
    [0x30, 0x274],
    [0x40, 0x277],
    [0x108, 0x276],
  ] as const) {
    bytes.writeUInt32LE(time % 2 ** 32, low);
    bytes[high] = Math.floor(time / 2 ** 32);
  }
}

function writeJournal(bytes: Buffer, { geometry, journalArea }: SuperblockFields): void {
  bytes.writeUInt32LE(journalNumber, 0xe0);
  const copyOfBlockArea = 1;
  bytes[0xfd] = copyOfBlockArea;
  bytes.set(journalArea, 0x10c);
  const size = geometry.journalBlocks * blockSize;
  bytes.writeUInt32LE(size % 2 ** 32, 0x14c);
  bytes.writeUInt32LE(Math.floor(size / 2 ** 32), 0x148);
}

function sum(flags: Readonly<Record<string, number>>): number {
  return Object.values(flags).reduce((total, flag) => total + flag, 0);
}
