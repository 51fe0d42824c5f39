import { blockSize, descriptorSize, extraInodeSize, type Geometry, groupsPerFlex, inodeSize } from "./geometry.ts";
import { superblockChecksum } from "../../structures/ext4/checksums.ts";
import { extCompatible, extIncompatible, extReadOnlyCompatible } from "../../structures/ext4/features.ts";
import { inodeNumbers } from "../../structures/ext4/inode.ts";
import {
  crc32cChecksums,
  dynamicRevision,
  extErrorBehaviours,
  extMagic,
  extStates,
  extSuperblock,
  nameHashes,
  neverByMounts,
  signedNameHash,
  superblockLength,
  userXattrsAndAcls,
} from "../../structures/ext4/superblock.ts";
import { type RecordValues, writeRecord } from "../../structures/record.ts";

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

/** The superblock as it stands in `group`: 1024 bytes. */
export function superblock(fields: SuperblockFields, group: number): Buffer {
  const bytes = Buffer.alloc(superblockLength);
  writeRecord(extSuperblock, bytes, { ...sizes(fields), ...features(fields.geometry), ...identity(fields), group });
  writeRecord(extSuperblock, bytes, times(fields.time));
  if (fields.geometry.journalBlocks > 0) writeRecord(extSuperblock, bytes, journal(fields));
  extSuperblock.checksum.write(bytes, superblockChecksum(bytes));
  return bytes;
}

type Values = Partial<RecordValues<typeof extSuperblock>>;

function sizes({ geometry, reservedBlocks, freeBlocks, freeInodes, overheadBlocks }: SuperblockFields): Values {
  const logBlockSize = Math.log2(blockSize / 1024);
  return {
    inodes: geometry.inodes,
    blocks: geometry.blocks,
    reservedBlocks,
    freeBlocks,
    freeInodes,
    logBlockSize,
    logClusterSize: logBlockSize,
    blocksPerGroup: geometry.blocksPerGroup,
    clustersPerGroup: geometry.blocksPerGroup,
    inodesPerGroup: geometry.inodesPerGroup,
    reservedDescriptorBlocks: geometry.reservedDescriptorBlocks,
    descriptorSize,
    logGroupsPerFlex: Math.log2(groupsPerFlex),
    overheadBlocks,
  };
}

function features({ journalBlocks }: Geometry): Values {
  const { hasJournal, xattrs, resizeInode, indexedFolders } = extCompatible;
  const { entryTypes, extents, wideBlockNumbers, flexGroups } = extIncompatible;
  const { clusters: _, ...readOnlyCompatible } = extReadOnlyCompatible;
  return {
    compatible: xattrs | resizeInode | indexedFolders | (journalBlocks > 0 ? hasJournal : 0),
    incompatible: entryTypes | extents | wideBlockNumbers | flexGroups,
    readOnlyCompatible: Object.values(readOnlyCompatible).reduce((bits, bit) => bits | bit, 0),
  };
}

function identity({ uuid, label, hashSeed }: SuperblockFields): Values {
  return {
    mostMounts: neverByMounts,
    magic: extMagic,
    state: extStates.clean,
    errors: extErrorBehaviours.continue,
    revision: dynamicRevision,
    firstInode: inodeNumbers.first,
    inodeSize,
    uuid,
    label,
    hashSeed,
    nameHash: nameHashes.halfMd4,
    mountOptions: userXattrsAndAcls,
    leastExtraSize: extraInodeSize,
    wantedExtraSize: extraInodeSize,
    flags: signedNameHash,
    checksumType: crc32cChecksums,
  };
}

/** Times of the last write, the last check and the making; their bits above the 32nd stand apart. */
function times(time: number): Values {
  const [low, high] = [time % 2 ** 32, Math.floor(time / 2 ** 32)];
  const upper = { writeTimeHigh: high, checkTimeHigh: high, madeTimeHigh: high };
  return { writeTime: low, checkTime: low, madeTime: low, ...upper };
}

function journal({ geometry, journalArea }: SuperblockFields): Values {
  const size = geometry.journalBlocks * blockSize;
  return {
    journalInode: inodeNumbers.journal,
    journalCopy: 1,
    journalArea,
    journalSize: size % 2 ** 32,
    journalSizeHigh: Math.floor(size / 2 ** 32),
  };
}
