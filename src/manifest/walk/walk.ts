import { constants, readdirSync, readlinkSync } from "node:fs";
import { KiB } from "../../base/units.ts";
import { libc } from "../../runtime/libc.ts";
import { type ByteString, openable } from "../../base/byte-string.ts";
import { basicStats, copyStatus, hasLastingInodes } from "../../runtime/file-identity.ts";
import { listXattrs } from "./list-xattrs.ts";
import { elsewhere, type WalkFault, type Walked, type WalkRules } from "./walked.ts";
import { at, inodeWords } from "../../runtime/inode-columns.ts";

/** More than the kernel takes, which is 4096 bytes, and a name behind it. */
const longestPath = 8192;

/**
 * Walks through trees and writes down what it finds, but for file contents. Node's own `lstat` makes an object of big
 * numbers for each file, and knows no extended attributes.
 */
export class Walk {
  readonly #rules: WalkRules;
  readonly #trees: number[] = [];
  readonly #faults = new Map<number, WalkFault>();
  readonly #targets: ByteString[] = [];
  readonly #xattrs = new Map<number, ReadonlyMap<ByteString, Uint8Array>>();
  #inodes = new Uint32Array(4096 * inodeWords);
  #count = 0;
  #names = Buffer.from(new ArrayBuffer(64 * KiB));
  #namesEnd = 0;
  /** The path that is looked at. */
  #visited: ByteString = "";
  /** As the kernel takes it: a folder's is written once for all that is in it. */
  readonly #path = Buffer.alloc(longestPath);
  readonly #statx = new Uint32Array(64);
  readonly #again = new Uint32Array(inodeWords);
  /** The depth of a tree; anything deeper is a tree of its own. */
  readonly #depth: number;
  readonly #others: ByteString[] = [];

  constructor(rules: WalkRules, depth = Infinity) {
    this.#rules = rules;
    this.#depth = depth;
  }

  /** The trees that were met and not walked, in the order in which they are pointed at. */
  get others(): readonly ByteString[] {
    return this.#others;
  }

  /** Walks the tree that has this place in the list of them. */
  add(tree: number, path: ByteString): void {
    const [count, namesEnd, targets] = [this.#count, this.#namesEnd, this.#targets.length];
    this.#trees.push(tree);
    try {
      this.#visit("", path, 0, 0);
    } catch (error) {
      this.#faults.set(tree, { path: this.#visited, reason: (error as Error).message });
      this.#count = count;
      this.#namesEnd = namesEnd;
      this.#targets.length = targets;
      for (const inode of this.#xattrs.keys()) if (inode >= count) this.#xattrs.delete(inode);
    }
  }

  /** Ends the walk and returns its result. */
  finish(): Walked {
    const targets = this.#targets.map((target) => `${target}\0`).join("");
    return {
      trees: this.#trees,
      faults: this.#faults,
      inodes: new Uint32Array(this.#inodes.buffer.transfer(this.#count * inodeWords * 4)),
      names: new Uint8Array(this.#names.buffer.transfer(this.#namesEnd)),
      targets,
      xattrs: this.#xattrs,
    };
  }

  /** @param start where the last part of `path` is to stand in `#path`; what is before it stands there. */
  #visit(name: ByteString, path: ByteString, start: number, depth: number): void {
    this.#visited = path;
    const inode = this.#makeRoom(name);
    if (depth > this.#depth) {
      this.#inodes[inode + at.mode] = elsewhere;
      this.#inodes[inode + at.entries] = this.#others.push(path) - 1;
      return;
    }
    const end = this.#writePath(start === 0 ? path : name, start);
    const type = this.#stat(inode) & constants.S_IFMT;
    if (this.#rules.xattrs === "keep") this.#keepXattrs(inode);
    if (type === constants.S_IFLNK) this.#targets.push(readlinkSync(openable(path), "latin1"));
    if (type === constants.S_IFDIR) this.#visitEntries(inode, path, end, depth + 1);
  }

  #visitEntries(inode: number, path: ByteString, end: number, depth: number): void {
    const names = readdirSync(openable(path), "latin1");
    this.#inodes[inode + at.entries] = names.length;
    const folder = path === "/" ? path : `${path}/`;
    const start = folder.length;
    this.#path[end] = slash;
    for (const name of names) this.#visit(name, folder + name, start, depth);
    this.#path[end] = 0;
    this.#requireSame(inode, path);
  }

  /** Throws where something else has taken a folder's place, such as a link to another: it was walked in its stead. */
  #requireSame(inode: number, path: ByteString): void {
    this.#ask();
    const now = copyStatus(this.#statx, this.#again, 0);
    const differs = (words: readonly number[]): boolean =>
      words.some((word) => this.#inodes[inode + word] !== this.#again[word]);
    const isOther = now !== this.#inodes[inode + at.mode] || differs([at.on, at.on + 1]);
    this.#visited = path;
    if (isOther || (differs([at.number, at.number + 1]) && hasLastingInodes(openable(path))))
      throw new Error("it changed while it was read");
  }

  /** Where the inode begins in `#inodes`. What is full grows to twice its size. */
  #makeRoom(name: ByteString): number {
    const start = this.#count * inodeWords;
    if (start + inodeWords > this.#inodes.length) {
      this.#inodes = new Uint32Array(this.#inodes.buffer.transfer(2 * this.#inodes.byteLength));
    }
    if (this.#namesEnd + name.length >= this.#names.length) {
      this.#names = Buffer.from(this.#names.buffer.transfer(2 * this.#names.length));
    }
    this.#namesEnd += this.#names.write(`${name}/`, this.#namesEnd, "latin1");
    this.#count += 1;
    return start;
  }

  #writePath(text: ByteString, start: number): number {
    const end = start + text.length;
    if (end >= longestPath) throw new Error("ENAMETOOLONG: name too long");
    this.#path.write(text, start, "latin1");
    this.#path[end] = 0;
    return end;
  }

  /** Writes down what the kernel says of the path, and gives its mode. */
  #stat(inode: number): number {
    this.#ask();
    return copyStatus(this.#statx, this.#inodes, inode);
  }

  #ask(): void {
    if (libc().statx(relativeToHere, this.#path, itself, basicStats, this.#statx) !== 0) {
      throw new Error(libc().lastError().join(": "));
    }
  }

  #keepXattrs(inode: number): void {
    const xattrs = listXattrs(this.#path);
    if (xattrs !== undefined) this.#xattrs.set(inode / inodeWords, xattrs);
  }
}

const slash = 47;
/** AT_FDCWD; AT_SYMLINK_NOFOLLOW and AT_NO_AUTOMOUNT. */
const relativeToHere = -100;
const itself = 0x100 | 0x800;
