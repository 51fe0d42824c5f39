// Features of ext filesystems, as bits of the superblock. Source: kernel.org, filesystems/ext4, "The Super Block".

/** Whoever does not know one of these may read and write all the same. */
export const extCompatible = {
  hasJournal: 0x4,
  xattrs: 0x8,
  resizeInode: 0x10,
  indexedFolders: 0x20,
} as const;

/** Whoever does not know one of these must leave the filesystem alone. */
export const extIncompatible = {
  /** Entries of folders have the type of what they name. */
  entryTypes: 0x2,
  /** The journal has to be replayed. */
  recover: 0x4,
  /** It is the journal of another filesystem. */
  journalDevice: 0x8,
  metaGroups: 0x10,
  extents: 0x40,
  /** Block numbers have more than 32 bits, and group descriptors 64 bytes. */
  wideBlockNumbers: 0x80,
  flexGroups: 0x200,
} as const;

/** Whoever does not know one of these may only read. */
export const extReadOnlyCompatible = {
  /** Only groups for which `hasSuperblock` holds have a copy. */
  sparseSuperblocks: 0x1,
  largeFiles: 0x2,
  hugeFiles: 0x8,
  manySubfolders: 0x20,
  extraInodeSize: 0x40,
  /** Blocks are given away in clusters. */
  clusters: 0x200,
  metadataChecksums: 0x400,
} as const;
