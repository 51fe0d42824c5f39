import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import {
  bitmapChecksum,
  descriptorChecksum,
  extentNodeChecksum,
  filesystemSeed,
  folderChecksum,
  hashTreeNodeChecksum,
  inodeChecksum,
  inodeSeed,
  superblockChecksum,
  xattrBlockChecksum,
} from "../../src/structures/ext4/checksums.ts";
import {
  extentEntryLength,
  extentHeader,
  extentIndex,
  extentLeaf,
  extentMagic,
} from "../../src/structures/ext4/extent-tree.ts";
import { extCompatible, extIncompatible, extReadOnlyCompatible } from "../../src/structures/ext4/features.ts";
import {
  entryHeaderLength,
  entryTypes,
  extFolderEntry,
  folderTail,
  folderTailLength,
  hashTreeChecksum,
  hashTreeChild,
  hashTreeChildLength,
  hashTreeCounts,
  hashTreeRoot,
  rootChildrenAt,
  tailType,
} from "../../src/structures/ext4/folder-block.ts";
import {
  groupDescriptor,
  groupFlags,
  hasSuperblock,
  wideDescriptorSize,
} from "../../src/structures/ext4/group-descriptor.ts";
import {
  deviceNumbers,
  deviceWords,
  extInode,
  extTime,
  inodeFlags,
  inodeNumbers,
  inodeTypeMask,
  inodeTypes,
} from "../../src/structures/ext4/inode.ts";
import { journalMagic, journalSuperblockFields, journalSuperblockV2 } from "../../src/structures/ext4/journal.ts";
import {
  dynamicRevision,
  extErrorBehaviours,
  extMagic,
  extStates,
  extSuperblock,
  nameHashes,
  superblockAt,
  superblockLength,
  wideNumber,
} from "../../src/structures/ext4/superblock.ts";
import {
  xattrBlockHeader,
  xattrBlockHeaderLength,
  xattrEntry,
  xattrEntryLength,
  xattrMagic,
  xattrPrefixes,
} from "../../src/structures/ext4/xattrs.ts";
import { readRecord } from "../../src/structures/record.ts";
import { temporaryFolder } from "../image/folder.ts";
import { tool } from "../inspect/images.ts";

const blockSize = 4096;
const inodeSize = 256;
const uuid = "01234567-89ab-4def-8123-456789abcdef";
const image = made();
const superblock = image.subarray(superblockAt, superblockAt + superblockLength);
const descriptor = blockAt(1).subarray(0, wideDescriptorSize);
const { inodesPerGroup } = readRecord(extSuperblock, superblock);
const seed = filesystemSeed(extSuperblock.uuid.read(superblock));

/** A filesystem by mke2fs: a file of many pieces, attributes in a block, a large folder, which e2fsck makes a tree. */
function made(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-ext4-"));
  const [tree, path] = [join(folder, "tree"), join(folder, "image")];
  try {
    mkdirSync(join(tree, "large"), { recursive: true });
    for (let index = 0; index < 300; index += 1) writeFileSync(join(tree, "large", `file with a name ${index}`), "");
    writeFileSync(join(tree, "attributes"), "");
    tool("setfattr", "-n", "user.name", "-v", "value ".repeat(50), join(tree, "attributes"));
    writeFileSync(join(tree, "pieces"), "");
    for (let index = 0; index < 6; index += 1) {
      truncateSync(join(tree, "pieces"), 3 * index * blockSize);
      writeFileSync(join(tree, "pieces"), Buffer.alloc(blockSize, "piece"), { flag: "a" });
    }
    writeFileSync(join(tree, "long"), "");
    truncateSync(join(tree, "long"), 5 * 2 ** 30);
    tool("touch", "-d", "2100-01-01 00:00:00", join(tree, "attributes"));
    const options = [
      "-t",
      "ext4",
      "-O",
      "metadata_csum,64bit",
      "-b",
      "4096",
      "-I",
      "256",
      "-U",
      uuid,
      "-L",
      "nixos",
      "-E",
      "lazy_itable_init=0",
    ];
    tool("mke2fs", "-q", "-F", ...options, "-d", tree, path, "16M");
    try {
      tool("e2fsck", "-f", "-y", "-D", path);
    } catch {
      // It says by its exit code that it changed something.
    }
    // mke2fs keeps 32 bits of a time.
    tool("debugfs", "-w", "-R", `set_inode_field /attributes mtime_extra ${123_456_789 * 4 + 1}`, path);
    for (const field of ["uid 305419896", "gid 2271560481"])
      tool("debugfs", "-w", "-R", `set_inode_field /attributes ${field}`, path);
    tool("e2fsck", "-f", "-n", path);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function blockAt(block: number): Buffer {
  return image.subarray(block * blockSize, (block + 1) * blockSize);
}

function inodeAt(number: number): Buffer {
  const start = groupDescriptor.inodeTable.read(descriptor) * blockSize + (number - 1) * inodeSize;
  return image.subarray(start, start + inodeSize);
}

/** A file of the image, for programs. */
function imagePath(t: ExecutionContext): string {
  const path = join(temporaryFolder(t), "image");
  writeFileSync(path, image);
  return path;
}

/** The block of the only extent of a small file or folder. */
function firstBlock(inode: Buffer): number {
  return extentLeaf.block.read(inode, extInode.blockArea.offset + extentEntryLength);
}

/** The inodes that a folder's first block names. */
function namesIn(folder: number): Map<string, { readonly inode: number; readonly type: number }> {
  const block = blockAt(firstBlock(inodeAt(folder)));
  const names = new Map<string, { readonly inode: number; readonly type: number }>();
  for (let at = 0; at < blockSize - folderTailLength;) {
    const { inode, length, nameLength, type } = readRecord(extFolderEntry, block, at);
    const nameAt = at + entryHeaderLength;
    names.set(block.toString("latin1", nameAt, nameAt + nameLength), { inode, type });
    at += length;
  }
  return names;
}

function numberOf(name: string): number {
  return namesIn(inodeNumbers.root).get(name)?.inode ?? 0;
}

test("the superblock that mke2fs writes", (t) => {
  const values = readRecord(extSuperblock, superblock);
  t.like(values, {
    blocks: 4096,
    firstDataBlock: 0,
    logBlockSize: 2,
    logClusterSize: 2,
    blocksPerGroup: 32768,
    magic: extMagic,
    state: extStates.clean,
    errors: extErrorBehaviours.continue,
    creator: 0,
    revision: dynamicRevision,
    firstInode: inodeNumbers.first,
    inodeSize,
    group: 0,
    journalInode: inodeNumbers.journal,
    nameHash: nameHashes.halfMd4,
    descriptorSize: wideDescriptorSize,
    blocksHigh: 0,
    checksum: superblockChecksum(superblock),
  });
  t.is(Buffer.from(values.uuid).toString("hex"), uuid.replaceAll("-", ""));
  t.is(Buffer.from(values.label).toString("latin1"), "nixos".padEnd(16, "\0"));
});

test("the features that mke2fs writes", (t) => {
  const said = tool("dumpe2fs", "-h", imagePath(t));
  const words = said.match(/^Filesystem features: +(.*)/m)?.[1]?.split(" ") ?? [];
  const names = [
    [extSuperblock.compatible, extCompatible.hasJournal, "has_journal"],
    [extSuperblock.compatible, extCompatible.xattrs, "ext_attr"],
    [extSuperblock.compatible, extCompatible.resizeInode, "resize_inode"],
    [extSuperblock.compatible, extCompatible.indexedFolders, "dir_index"],
    [extSuperblock.incompatible, extIncompatible.entryTypes, "filetype"],
    [extSuperblock.incompatible, extIncompatible.recover, "needs_recovery"],
    [extSuperblock.incompatible, extIncompatible.metaGroups, "meta_bg"],
    [extSuperblock.incompatible, extIncompatible.extents, "extent"],
    [extSuperblock.incompatible, extIncompatible.wideBlockNumbers, "64bit"],
    [extSuperblock.incompatible, extIncompatible.flexGroups, "flex_bg"],
    [extSuperblock.readOnlyCompatible, extReadOnlyCompatible.sparseSuperblocks, "sparse_super"],
    [extSuperblock.readOnlyCompatible, extReadOnlyCompatible.largeFiles, "large_file"],
    [extSuperblock.readOnlyCompatible, extReadOnlyCompatible.hugeFiles, "huge_file"],
    [extSuperblock.readOnlyCompatible, extReadOnlyCompatible.manySubfolders, "dir_nlink"],
    [extSuperblock.readOnlyCompatible, extReadOnlyCompatible.extraInodeSize, "extra_isize"],
    [extSuperblock.readOnlyCompatible, extReadOnlyCompatible.clusters, "bigalloc"],
    [extSuperblock.readOnlyCompatible, extReadOnlyCompatible.metadataChecksums, "metadata_csum"],
  ] as const;
  for (const [field, bit, name] of names) t.is((field.read(superblock) & bit) !== 0, words.includes(name), name);
});

test("the group descriptor that mke2fs writes, with its bitmaps", (t) => {
  const values = readRecord(groupDescriptor, descriptor);
  t.is(values.flags & groupFlags.tableZeroed, groupFlags.tableZeroed);
  t.is(values.freeInodes, extSuperblock.freeInodes.read(superblock));
  const plain = Buffer.from(descriptor);
  groupDescriptor.checksum.write(plain, 0);
  t.is(descriptorChecksum(seed, 0, plain), values.checksum);
  const blocks = bitmapChecksum(seed, blockAt(values.blockBitmap), 32768);
  t.is(blocks, values.blockBitmapChecksum + values.blockBitmapChecksumHigh * 2 ** 16);
  const inodes = bitmapChecksum(seed, blockAt(values.inodeBitmap), inodesPerGroup);
  t.is(inodes, values.inodeBitmapChecksum + values.inodeBitmapChecksumHigh * 2 ** 16);
});

test("the inodes that mke2fs writes", (t) => {
  const root = readRecord(extInode, inodeAt(inodeNumbers.root));
  t.is(root.mode & inodeTypeMask, inodeTypes.directory);
  t.is(root.flags & inodeFlags.extents, inodeFlags.extents);
  const file = readRecord(extInode, inodeAt(numberOf("attributes")));
  t.is(file.mode & inodeTypeMask, inodeTypes.file);
  t.deepEqual([file.links, file.size, file.sectors], [1, 0, blockSize / 512]);
  const time = extTime(file.modificationTime, file.modificationTimeExtra);
  // A time beyond 2038, which not every mke2fs takes over as it is: debugfs says which it has become.
  const said = /mtime: \S+ -- (.*)/.exec(tool("debugfs", "-R", "stat /attributes", imagePath(t)))?.[1];
  t.deepEqual(time, { seconds: Date.parse(`${said} UTC`) / 1000, nanoseconds: 123_456_789 });
  t.true(time.seconds >= Date.UTC(2100, 0, 1) / 1000);
  const owners = [file.uid + file.uidHigh * 2 ** 16, file.gid + file.gidHigh * 2 ** 16];
  t.deepEqual(owners, [305_419_896, 2_271_560_481]);
  const long = readRecord(extInode, inodeAt(numberOf("long")));
  t.is(wideNumber(long.size, long.sizeHigh), 5 * 2 ** 30);
  t.is(readRecord(extInode, inodeAt(numberOf("large"))).flags & inodeFlags.indexed, inodeFlags.indexed);
});

test("the checksum of an inode", (t) => {
  const inode = Buffer.from(inodeAt(inodeNumbers.root));
  const found = extInode.checksum.read(inode) + extInode.checksumHigh.read(inode) * 2 ** 16;
  extInode.checksum.write(inode, 0);
  extInode.checksumHigh.write(inode, 0);
  const words = Uint32Array.from({ length: inodeSize / 4 }, (_, word) => inode.readUInt32LE(4 * word));
  t.is(inodeChecksum(inodeSeed(seed, inodeNumbers.root), words, 0, words.length), found);
});

test("the entries of a folder, and their tail", (t) => {
  const names = namesIn(inodeNumbers.root);
  t.deepEqual(names.get("."), { inode: inodeNumbers.root, type: entryTypes.directory });
  t.deepEqual(names.get("lost+found"), { inode: inodeNumbers.first, type: entryTypes.directory });
  t.is(names.get("attributes")?.type, entryTypes.file);
  const [block, at] = [blockAt(firstBlock(inodeAt(inodeNumbers.root))), blockSize - folderTailLength];
  const checksum = folderChecksum(inodeSeed(seed, inodeNumbers.root), block, at, at);
  t.deepEqual(readRecord(folderTail, block, at), { length: folderTailLength, type: tailType, checksum });
});

test("a checksum of a folder's block is the same whether its zeros are looked at or counted", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(2000), (content, zeros) => {
      const block = Buffer.concat([content, Buffer.alloc(zeros)]);
      t.is(
        folderChecksum(seed, block, content.length, block.length),
        folderChecksum(seed, block, block.length, block.length),
      );
    }),
  );
});

test("the root of a hash tree that e2fsck writes", (t) => {
  const number = numberOf("large");
  const block = blockAt(firstBlock(inodeAt(number)));
  t.deepEqual(readRecord(hashTreeRoot, block), { nameHash: nameHashes.halfMd4, infoLength: 8, levels: 0 });
  const { capacity, count } = readRecord(hashTreeCounts, block, rootChildrenAt);
  t.is(capacity, (blockSize - rootChildrenAt) / hashTreeChildLength - 1);
  const children = Array.from({ length: count }, (_, index) => rootChildrenAt + index * hashTreeChildLength);
  t.deepEqual(
    children.map((at) => hashTreeChild.block.read(block, at)).toSorted((a, b) => a - b),
    children.map((_, index) => index + 1),
  );
  const hashes = children.slice(1).map((at) => hashTreeChild.hash.read(block, at));
  t.deepEqual(
    hashes,
    hashes.toSorted((a, b) => a - b),
  );
  const end = rootChildrenAt + count * hashTreeChildLength;
  const { checksum } = readRecord(hashTreeChecksum, block, rootChildrenAt + capacity * hashTreeChildLength);
  t.is(hashTreeNodeChecksum(inodeSeed(seed, number), block, end), checksum);
});

test("an extent tree that mke2fs writes", (t) => {
  const number = numberOf("pieces");
  const inode = inodeAt(number);
  const at = extInode.blockArea.offset;
  t.deepEqual(readRecord(extentHeader, inode, at), { magic: extentMagic, entries: 1, capacity: 4, depth: 1 });
  const node = blockAt(readRecord(extentIndex, inode, at + extentEntryLength).block);
  const { entries, capacity, depth } = readRecord(extentHeader, node);
  t.deepEqual([entries, depth], [6, 0]);
  const extents = Array.from({ length: entries }, (_, index) =>
    readRecord(extentLeaf, node, (index + 1) * extentEntryLength),
  );
  t.deepEqual(
    extents.map(({ logical, length }) => [logical, length]),
    [0, 3, 6, 9, 12, 15].map((logical) => [logical, 1]),
  );
  for (const { block } of extents) t.is(blockAt(block).toString("latin1", 0, 5), "piece");
  const end = extentEntryLength * (capacity + 1);
  t.is(extentNodeChecksum(inodeSeed(seed, number), node, end), node.readUInt32LE(end));
});

test("a block of attributes that mke2fs writes", (t) => {
  const number = extInode.xattrBlock.read(inodeAt(numberOf("attributes")));
  const block = Buffer.from(blockAt(number));
  const { checksum, ...header } = readRecord(xattrBlockHeader, block);
  t.like(header, { magic: xattrMagic, references: 1, blocks: 1 });
  const { nameLength, prefix, valueAt, valueLength } = readRecord(xattrEntry, block, xattrBlockHeaderLength);
  const nameAt = xattrBlockHeaderLength + xattrEntryLength;
  t.is(block.toString("latin1", nameAt, nameAt + nameLength), "name");
  t.is(prefix, xattrPrefixes.user);
  t.is(block.toString("latin1", valueAt, valueAt + valueLength), "value ".repeat(50));
  xattrBlockHeader.checksum.write(block, 0);
  t.is(xattrBlockChecksum(seed, number, block), checksum);
});

test("the journal's first block that mke2fs writes", (t) => {
  const inode = readRecord(extInode, inodeAt(inodeNumbers.journal));
  t.like(readRecord(journalSuperblockFields, blockAt(firstBlock(inodeAt(inodeNumbers.journal)))), {
    magic: journalMagic,
    blockType: journalSuperblockV2,
    blockSize,
    blocks: inode.size / blockSize,
    firstBlock: 1,
    users: 1,
  });
  t.deepEqual([...extSuperblock.journalArea.read(superblock)], [...inode.blockArea]);
});

test("groups with a copy of the superblock", (t) => {
  const groups = Array.from({ length: 130 }, (_, group) => group).filter(hasSuperblock);
  t.deepEqual(groups, [0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125]);
});

test("a device's numbers are read as they were written", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xfff }), fc.integer({ min: 0, max: 0xf_ffff }), (major, minor) => {
      const [small, wide] = deviceWords(major, minor);
      t.deepEqual(deviceNumbers(small, wide), { major, minor });
    }),
  );
  t.deepEqual(deviceWords(8, 1), [0x0801, 0]);
  // Linux, new_encode_dev: 8 bits of the minor, 12 of the major, the rest of the minor.
  t.deepEqual(deviceWords(0x103, 0x12345), [0, 0x1231_0345]);
});
