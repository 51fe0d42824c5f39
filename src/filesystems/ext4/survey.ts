import { MkimageError } from "../../errors.ts";
import { type ByteString, textOf } from "../../manifest/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import { type DirectoryLayout, layOutDirectory } from "./directory-layout.ts";
import { dataBlocks, fileRanges } from "./file-content.ts";
import { blockSize } from "./geometry.ts";
import { sortedNames } from "./names.ts";
import { needsXattrBlock } from "./xattrs.ts";

export const rootNumber = 2;
export const lostAndFoundNumber = 11;
const firstNumber = 12;
const mostLinks = 65000;
const fastSymlinkLength = 59;
const longestSymlink = 4095;
const lostAndFoundBlocks = 4;

/** What is known of a tree before it is known how large its filesystem is. Arrays are indexed by inode number. */
export interface Survey {
  /** Inodes in the order of their paths; numbers below 12 are the root's, the lost+found's, or reserved. */
  readonly inodes: readonly (Inode | undefined)[];
  readonly links: readonly number[];
  readonly parents: readonly number[];
  readonly directories: ReadonlyMap<number, SurveyedDirectory>;
  /** Blocks of content: of a file, a folder or a long symlink. */
  readonly blocks: readonly number[];
  /** Inodes whose extended attributes need a block of their own, ascending. */
  readonly xattrBlocks: readonly number[];
  /** All blocks of content and of extended attributes: what every size of filesystem needs. */
  readonly totalBlocks: number;
}

/** A folder's layout and, for each of its names in bytewise order, the inode number. */
export interface SurveyedDirectory {
  readonly layout: DirectoryLayout;
  readonly children: Uint32Array;
}

export interface SurveyOptions {
  readonly hashSeed: Uint32Array;
  /** The time of a lost+found that the manifest does not have, in seconds. */
  readonly time: number;
}

/**
 * Numbers the inodes of a manifest in path order and lays its folders out. A `lost+found`, which e2fsck insists on, is
 * added where there is none.
 *
 * @throws MkimageError BAD_REQUEST for what ext4 cannot hold.
 */
export function surveyTree(root: DirectoryInode, options: SurveyOptions): Survey {
  const surveyor = new Surveyor(options);
  surveyor.walk(withLostAndFound(root, options.time));
  // Only this is kept: the surveyor remembers every inode once more.
  const { inodes, links, parents, directories, blocks, xattrBlocks } = surveyor;
  const totalBlocks = blocks.reduce((sum, some) => sum + some, xattrBlocks.length);
  return { inodes, links, parents, directories, blocks, xattrBlocks, totalBlocks };
}

class Surveyor implements Omit<Survey, "totalBlocks"> {
  readonly inodes: (Inode | undefined)[] = Array.from({ length: firstNumber }, () => undefined);
  readonly links: number[] = Array.from({ length: firstNumber }, () => 0);
  readonly parents: number[] = Array.from({ length: firstNumber }, () => 0);
  readonly directories = new Map<number, SurveyedDirectory>();
  readonly blocks: number[] = Array.from({ length: firstNumber }, () => 0);
  readonly xattrBlocks: number[] = [];
  readonly #options: SurveyOptions;
  readonly #numbers = new Map<Inode, number>();

  constructor(options: SurveyOptions) {
    this.#options = options;
  }

  walk(root: DirectoryInode): void {
    this.#add(root, rootNumber);
    const folders = [this.#enter(root, rootNumber, rootNumber)];
    for (let folder = folders.at(-1); folder !== undefined; folder = folders.at(-1)) {
      const name = folder.names[folder.next];
      if (name === undefined) {
        folders.pop();
        continue;
      }
      const inode = folder.entries.get(name)!;
      const number = this.#meet(inode, name, folder.number);
      folder.children[folder.next] = number;
      folder.next += 1;
      if (inode.type === "directory") folders.push(this.#enter(inode, number, folder.number));
    }
  }

  #enter(folder: DirectoryInode, number: number, parent: number) {
    const names = sortedNames(folder);
    const layout = layOutDirectory(names, this.#options.hashSeed);
    const children = new Uint32Array(names.length);
    this.directories.set(number, { layout, children });
    this.parents[number] = parent;
    const isLostAndFound = number === lostAndFoundNumber && layout.blocks === 1;
    this.blocks[number] = isLostAndFound ? lostAndFoundBlocks : layout.blocks;
    return { names, entries: folder.entries, children, number, next: 0 };
  }

  /** Counts one name of an inode, and gives the inode's number. */
  #meet(inode: Inode, name: ByteString, parent: number): number {
    const known = this.#numbers.get(inode);
    if (known !== undefined) return this.#link(inode, name, known);
    if (inode.type === "directory") this.links[parent]! += 1;
    const isLostAndFound = parent === rootNumber && name === "lost+found";
    return this.#add(inode, isLostAndFound ? lostAndFoundNumber : this.inodes.length);
  }

  #link(inode: Inode, name: ByteString, number: number): number {
    const links = (this.links[number]! += 1);
    if (inode.type === "directory") throw illegal(`the folder ${textOf(name)} stands in two places`);
    if (links > mostLinks) throw illegal(`the file ${textOf(name)} has more than ${mostLinks} names`);
    return number;
  }

  #add(inode: Inode, number: number): number {
    this.inodes[number] = inode;
    this.#numbers.set(inode, number);
    this.links[number] = inode.type === "directory" ? 2 : 1;
    this.blocks[number] = contentBlocks(inode);
    this.parents[number] = 0;
    if (needsXattrBlock(inode)) this.xattrBlocks.push(number);
    return number;
  }
}

/** Whether a symlink's target stands in the inode itself. */
export function isFastSymlink(target: ByteString): boolean {
  return target.length <= fastSymlinkLength;
}

/** The links that an inode says it has: 1 stands for more than a folder can count. */
export function linkCount(links: number): number {
  return links > mostLinks ? 1 : links;
}

function contentBlocks(inode: Inode): number {
  if (inode.type === "file") return dataBlocks(fileRanges(inode));
  if (inode.type !== "symlink") return 0;
  if (inode.target.length === 0 || inode.target.length > longestSymlink || inode.target.includes("\0")) {
    throw illegal(`${JSON.stringify(textOf(inode.target))} cannot be the target of a symbolic link`);
  }
  return isFastSymlink(inode.target) ? 0 : Math.ceil(inode.target.length / blockSize);
}

function withLostAndFound(root: DirectoryInode, time: number): DirectoryInode {
  const own = root.entries.get("lost+found");
  if (own?.type === "directory") return root;
  if (own !== undefined) throw illegal("/lost+found is not a folder");
  const mtime = { seconds: time, nanoseconds: 0 };
  const folder: DirectoryInode = { type: "directory", mode: 0o700, uid: 0, gid: 0, mtime, entries: new Map() };
  return { ...root, entries: new Map([...root.entries, ["lost+found", folder]]) };
}

function illegal(message: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `${message}: ext4 cannot hold that`);
}
