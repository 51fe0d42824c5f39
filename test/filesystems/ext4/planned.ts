import { type Bytes } from "../../../src/base/units.ts";
import { type Ext4Plan, surveyExt4 } from "../../../src/filesystems/ext4/ext4.ts";
import type { DirectoryInode } from "../../../src/manifest/inode.ts";

type Ext4Options = Parameters<typeof surveyExt4>[1];

/** `plan` of a survey that is needed for nothing else. */
export function planExt4(root: DirectoryInode, size: Bytes, options: Ext4Options): Ext4Plan {
  return surveyExt4(root, options).plan(size);
}

/** `smallestSize` of a survey that is needed for nothing else. */
export function solveExt4Size(root: DirectoryInode, additionalSpace: Bytes, options: Ext4Options): Bytes {
  return surveyExt4(root, options).smallestSize(additionalSpace);
}
