import { MkimageError } from "../../base/errors.ts";
import { type ByteString, textOf } from "../../base/byte-string.ts";
import type { Inode } from "../../manifest/inode.ts";
import { extInode } from "../../structures/ext4/inode.ts";
import { dataBlocks } from "./file-content.ts";
import { blockSize } from "./geometry.ts";

/** Names that a file can have. */
export const mostLinks = 65000;
/** A NUL follows the target. */
const fastSymlinkLength = extInode.blockArea.length - 1;
const longestSymlink = 4095;

/** Whether a symlink's target stands in the inode itself. */
export function isFastSymlink(target: ByteString): boolean {
  return target.length <= fastSymlinkLength;
}

/** The links that an inode says it has: 1 stands for more than a folder can count. */
export function linkCount(links: number): number {
  return links > mostLinks ? 1 : links;
}

/** Blocks of content that an inode needs by itself: a file or a long symlink. Throws MkimageError BAD_REQUEST. */
export function contentBlocks(inode: Inode): number {
  if (inode.type === "file") return dataBlocks(inode);
  if (inode.type !== "symlink") return 0;
  if (inode.target.length === 0 || inode.target.length > longestSymlink || inode.target.includes("\0")) {
    throw illegal(`${JSON.stringify(textOf(inode.target))} cannot be the target of a symbolic link`);
  }
  return isFastSymlink(inode.target) ? 0 : Math.ceil(inode.target.length / blockSize);
}

/** @returns an MkimageError BAD_REQUEST. */
export function illegal(message: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `${message}: ext4 cannot hold that`);
}
