import { MkimageError } from "../../base/errors.ts";
import { type ByteString, textOf } from "../../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import { inodeNumbers } from "../../structures/ext4/inode.ts";
import { type DirectoryLayout, layOutDirectory } from "./directory-layout.ts";
import { inodeCapacity } from "./extent-tree.ts";
import { InodeNumbers } from "./inode-numbers.ts";
import { contentBlocks, illegal, mostLinks } from "./inode-limits.ts";
import { sortedNames } from "./names.ts";
import { type FileRange, isStorePathName, type FilePlacement, placementOf } from "./placement.ts";
import { needsXattrBlock } from "./xattrs.ts";

const rootNumber = inodeNumbers.root;
const lostAndFoundNumber = inodeNumbers.first;
const firstNumber = lostAndFoundNumber + 1;
const lostAndFoundBlocks = 4;

/** The facts of a tree that do not depend on the size of its filesystem. Arrays are indexed by inode number. */
export interface ExtSurvey {
  /** Inodes in the order of their paths; numbers below 12 are the root's, the lost+found's, or reserved. */
  readonly inodes: readonly (Inode | undefined)[];
  readonly links: Uint32Array;
  /** Of folders: 0 for any other inode. */
  readonly parents: Uint32Array;
  readonly directories: ReadonlyMap<number, SurveyedDirectory>;
  /** Blocks of content: of a file, a folder or a long symlink. */
  readonly blocks: Uint32Array;
  /** The folders and symlinks that have blocks: inode numbers, ascending. */
  readonly smallContents: Uint32Array;
  /** The files that have blocks, as they are placed. */
  readonly placement: FilePlacement;
  /** Files in more pieces than an inode has room for. */
  readonly scattered: ReadonlySet<number>;
  /** Inodes whose extended attributes need a block of their own. */
  readonly xattrBlocks: readonly number[];
  /** All blocks of content and of extended attributes: what every size of filesystem needs. */
  readonly totalBlocks: number;
}

/** A folder's layout and, for each of its names in bytewise order, the inode number. */
interface SurveyedDirectory {
  readonly layout: DirectoryLayout;
  readonly children: Uint32Array;
}

interface SurveyOptions {
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
export function surveyTree(root: DirectoryInode, options: SurveyOptions): ExtSurvey {
  const tree = withLostAndFound(root, options.time);
  // Only the survey is kept: the surveyor remembers every inode once more.
  return new Surveyor(options, countNames(tree)).survey(tree);
}

/** A folder whose names are gone through; `next` is the place of the one that is looked at. */
interface Entered {
  readonly name: ByteString;
  readonly names: readonly ByteString[];
  readonly entries: DirectoryInode["entries"];
  readonly children: Uint32Array;
  readonly number: number;
  next: number;
  /** Of a store path: which file is its first. */
  readonly firstFile: number | undefined;
}

class Surveyor {
  readonly #options: SurveyOptions;
  readonly #inodes: (Inode | undefined)[] = [];
  readonly #links: Uint32Array;
  readonly #parents: Uint32Array;
  readonly #directories = new Map<number, SurveyedDirectory>();
  readonly #blocks: Uint32Array;
  readonly #smallContents: number[] = [];
  readonly #files: Uint32Array;
  #fileCount = 0;
  readonly #storePaths: FileRange[] = [];
  /** Whether what is met is in a store path. */
  #isInStorePath = false;
  readonly #scattered = new Set<number>();
  readonly #xattrBlocks: number[] = [];
  readonly #numbers: InodeNumbers;
  #next = firstNumber;

  /** Memory is taken once, for as many inodes as there are names at most: arrays that grow leave several times as much behind. */
  constructor(options: SurveyOptions, names: number) {
    const most = firstNumber + names;
    this.#options = options;
    this.#inodes.length = most;
    this.#numbers = new InodeNumbers(this.#inodes, most);
    this.#links = new Uint32Array(most);
    this.#parents = new Uint32Array(most);
    this.#blocks = new Uint32Array(most);
    this.#files = new Uint32Array(most);
  }

  survey(root: DirectoryInode): ExtSurvey {
    this.#walk(root);
    const end = this.#next;
    const blocks = this.#blocks.subarray(0, end);
    this.#inodes.length = end;
    return {
      inodes: this.#inodes,
      links: this.#links.subarray(0, end),
      parents: this.#parents.subarray(0, end),
      directories: this.#directories,
      blocks,
      smallContents: Uint32Array.from(this.#smallContents).sort(),
      placement: placementOf(this.#files.subarray(0, this.#fileCount), blocks, this.#storePaths),
      scattered: this.#scattered,
      xattrBlocks: this.#xattrBlocks,
      totalBlocks: blocks.reduce((sum, some) => sum + some, this.#xattrBlocks.length),
    };
  }

  #walk(root: DirectoryInode): void {
    const folders: Entered[] = [];
    try {
      this.#add(root, rootNumber);
      folders.push(this.#enter(root, "", rootNumber, rootNumber));
      this.#walkThrough(folders);
    } catch (error) {
      throw namingPath(error, folders);
    }
  }

  #walkThrough(folders: Entered[]): void {
    for (let folder = folders.at(-1); folder !== undefined; folder = folders.at(-1)) {
      const name = folder.names[folder.next];
      if (name === undefined) {
        this.#leave(folders.pop());
        continue;
      }
      const inode = folder.entries.get(name)!;
      const number = this.#meet(inode, name, folder.number);
      folder.children[folder.next] = number;
      if (inode.type === "directory") folders.push(this.#enter(inode, name, number, folder.number));
      folder.next += 1;
    }
  }

  #enter(folder: DirectoryInode, name: ByteString, number: number, parent: number): Entered {
    const names = sortedNames(folder);
    const layout = layOutDirectory(names, this.#options.hashSeed);
    const children = new Uint32Array(names.length);
    this.#directories.set(number, { layout, children });
    this.#parents[number] = parent;
    const isLostAndFound = number === lostAndFoundNumber && layout.blocks === 1;
    this.#blocks[number] = isLostAndFound ? lostAndFoundBlocks : layout.blocks;
    this.#smallContents.push(number);
    const isStorePath = !this.#isInStorePath && isStorePathName(name);
    if (isStorePath) this.#isInStorePath = true;
    const firstFile = isStorePath ? this.#fileCount : undefined;
    return { name, names, entries: folder.entries, children, number, next: 0, firstFile };
  }

  #leave(folder: Entered | undefined): void {
    if (folder?.firstFile === undefined) return;
    this.#isInStorePath = false;
    if (this.#fileCount > folder.firstFile) this.#storePaths.push({ start: folder.firstFile, end: this.#fileCount });
  }

  /** Counts one name of an inode, and gives the inode's number. */
  #meet(inode: Inode, name: ByteString, parent: number): number {
    const known = this.#numbers.get(inode);
    if (known !== undefined) return this.#link(known);
    if (inode.type === "directory") this.#links[parent]! += 1;
    const isLostAndFound = parent === rootNumber && name === "lost+found";
    return this.#add(inode, isLostAndFound ? lostAndFoundNumber : this.#newNumber());
  }

  #newNumber(): number {
    this.#next += 1;
    return this.#next - 1;
  }

  #link(number: number): number {
    const links = (this.#links[number]! += 1);
    if (links > mostLinks) throw illegal(`a file has more than ${mostLinks} names`);
    return number;
  }

  #add(inode: Inode, number: number): number {
    this.#inodes[number] = inode;
    if (inode.type !== "directory") this.#numbers.set(inode, number);
    this.#links[number] = inode.type === "directory" ? 2 : 1;
    this.#addContent(inode, number);
    if (needsXattrBlock(inode)) this.#xattrBlocks.push(number);
    return number;
  }

  #addContent(inode: Inode, number: number): void {
    const blocks = contentBlocks(inode);
    if (blocks === 0) return;
    this.#blocks[number] = blocks;
    if (inode.type === "file") this.#files[this.#fileCount++] = number;
    else this.#smallContents.push(number);
    if (inode.type === "file" && "length" in inode.content && inode.content.length > inodeCapacity)
      this.#scattered.add(number);
  }
}

/** How many names a tree has, each of whose folders may stand in one place only. */
function countNames(root: DirectoryInode): number {
  const met = new Set([root]);
  let count = 0;
  // What is added to a set while it is gone through comes as well.
  for (const folder of met) {
    count += folder.entries.size;
    // Not `for … of`, which makes an array of each entry.
    folder.entries.forEach((inode, name) => {
      if (inode.type !== "directory") return;
      if (met.has(inode)) throw illegal(`the folder ${textOf(name)} stands in two places`);
      met.add(inode);
    });
  }
  return count;
}

/** Puts the path of the entry at which it arose before the message of a MkimageError; returns any other error unchanged. */
function namingPath(error: unknown, folders: readonly Entered[]): unknown {
  if (!(error instanceof MkimageError)) return error;
  const last = folders.at(-1);
  const names = [...folders.slice(1).map(({ name }) => name), last?.names[last.next] ?? ""];
  const { code, details, hint } = error;
  const message = `/${textOf(names.join("/"))}: ${error.message}`;
  return new MkimageError(code, message, { details, ...(hint === undefined ? {} : { hint }), cause: error });
}

function withLostAndFound(root: DirectoryInode, time: number): DirectoryInode {
  const own = root.entries.get("lost+found");
  if (own?.type === "directory") return root;
  if (own !== undefined) throw illegal("/lost+found is not a folder");
  const mtime = { seconds: time, nanoseconds: 0 };
  const folder: DirectoryInode = { type: "directory", mode: 0o700, uid: 0, gid: 0, mtime, entries: new Map() };
  return { ...root, entries: new Map([...root.entries, ["lost+found", folder]]) };
}
