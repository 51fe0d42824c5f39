import { MkimageError } from "../../base/errors.ts";
import type { Extent, FileSource } from "../../image/extent.ts";
import type { ByteString } from "../../base/byte-string.ts";
import { inodeOf, stampOf } from "../../runtime/file-identity.ts";
import type { DirectoryInode, FileInode, Inode, Timestamp } from "../inode.ts";
import type { ReadRules } from "../read-rules.ts";
import type { SparseFile } from "../sparse.ts";
import type { Found } from "./found.ts";
import { storeMode, typeOf } from "./modes.ts";
import { elsewhere, type Walked } from "./walked.ts";
import { at, inodeWords } from "../../runtime/inode-columns.ts";

/** The state that the trees of one manifest share. */
export interface Common {
  /** Files with several names that have been met, by device and inode number. */
  readonly linked: Map<string, Inode>;
  /** Takes the files whose data has to be looked for, since they have holes. */
  readonly sparse: SparseFile[];
  /** The trees that are elsewhere. */
  readonly others?: readonly Found[];
}

/**
 * Makes inodes of the columns, from their beginning to their end. It takes their memory over, and gives it back at once: V8
 * would only when it looks next.
 */
export class WalkedReader implements Disposable {
  readonly #rules: ReadRules;
  readonly #common: Common;
  readonly #inodes: Uint32Array<ArrayBuffer>;
  readonly #xattrs: Walked["xattrs"];
  readonly #names: readonly ByteString[];
  readonly #targets: readonly ByteString[];
  #nextInode = 0;
  #nextTarget = 0;
  /** The first fault in this tree. Reading goes on behind it, since other trees follow in the same columns. */
  #fault: MkimageError | undefined;

  constructor({ inodes, names, targets, xattrs }: Walked, rules: ReadRules, common: Common) {
    this.#rules = rules;
    this.#common = common;
    this.#inodes = inodes;
    this.#xattrs = xattrs;
    this.#names = Buffer.from(names.buffer).toString("latin1").split("/");
    this.#targets = targets.split("\0");
  }

  nextTree(path: ByteString): Found {
    this.#fault = undefined;
    const inode = this.#next(path);
    return this.#fault ?? inode;
  }

  [Symbol.dispose](): void {
    this.#inodes.buffer.transfer(0);
  }

  #next(path: ByteString): Inode {
    const index = this.#nextInode++;
    const start = index * inodeWords;
    const mode = this.#word(start + at.mode);
    if (mode === elsewhere) return this.#elsewhere(this.#word(start + at.entries));
    const hasMoreNames = this.#rules.links === "keep" && this.#word(start + at.links) > 1;
    const inode =
      hasMoreNames && typeOf(mode) !== "directory" ? this.#linked(path, start, mode) : this.#inode(path, start, mode);
    const xattrs = this.#xattrs.get(index);
    return xattrs === undefined ? inode : Object.assign(inode, { xattrs });
  }

  #elsewhere(tree: number): Inode {
    const found = this.#common.others?.[tree];
    if (found instanceof MkimageError) this.#fault ??= found;
    return found as Inode;
  }

  #linked(path: ByteString, start: number, mode: number): Inode {
    const { linked } = this.#common;
    const words = [at.number, at.number + 1, at.on, at.on + 1];
    const identity = words.map((word) => this.#word(start + word)).join();
    const known = linked.get(identity);
    if (known?.type === "symlink") this.#nextTarget += 1;
    if (known !== undefined) return known;
    const inode = this.#inode(path, start, mode);
    linked.set(identity, inode);
    return inode;
  }

  /** Fields are named one by one: an object that is made of others takes half as much again, of memory and of time. */
  #inode(path: ByteString, start: number, stMode: number): Inode {
    const rules = this.#rules;
    const type = typeOf(stMode);
    const mode = rules.modes === "store" ? storeMode(type, stMode) : stMode & 0o7777;
    const uid = rules.owner === "root" ? 0 : this.#word(start + at.uid);
    const gid = rules.owner === "root" ? 0 : this.#word(start + at.gid);
    const mtime = rules.times === "as-is" ? this.#time(start) : rules.times;
    switch (type) {
      case "file":
        return { type, mode, uid, gid, mtime, size: this.#long(start + at.size), content: this.#content(path, start) };
      case "directory":
        return { type, mode, uid, gid, mtime, entries: this.#entries(path, this.#word(start + at.entries)) };
      case "symlink":
        return { type, mode, uid, gid, mtime, target: this.#targets[this.#nextTarget++] as ByteString };
      case "block-device":
      case "character-device": {
        const [major, minor] = [this.#word(start + at.is), this.#word(start + at.is + 1)];
        return { type, mode, uid, gid, mtime, major, minor };
      }
      default:
        return { type, mode, uid, gid, mtime };
    }
  }

  #entries(path: ByteString, count: number): DirectoryInode["entries"] {
    const folder = path === "/" ? "" : path;
    const entries = new Map<ByteString, Inode>();
    for (let entry = 0; entry < count; entry += 1) {
      const name = this.#names[this.#nextInode] as ByteString;
      entries.set(name, this.#next(`${folder}/${name}`));
    }
    return entries;
  }

  #content(path: ByteString, start: number): FileInode["content"] {
    const size = this.#long(start + at.size);
    if (size === 0) return noContent;
    const hasHoles = this.#rules.holes === "keep" && this.#long(start + at.blocks) * 512 < size;
    // Nix may put a link to an equal file in the place of any file of its store, at any time: `nix store optimise`.
    if (this.#rules.modes === "store") return { kind: "file", path, fileSize: size };
    const inode = inodeOf(this.#inodes, start);
    const stamp = stampOf(this.#inodes, start);
    if (hasHoles) return this.#sparse({ kind: "file", path, inode, stamp }, size);
    return { kind: "file", path, inode, stamp };
  }

  #sparse(source: FileSource, size: number): readonly Extent[] {
    const content: Extent[] = [];
    this.#common.sparse.push({ source, size, content });
    return content;
  }

  #time(start: number): Timestamp {
    return { seconds: this.#long(start + at.seconds), nanoseconds: this.#word(start + at.nanoseconds) };
  }

  #word(index: number): number {
    return this.#inodes[index] as number;
  }

  /** A number of 64 bits with a sign. One of 32 stays an integer to V8, which makes an object of any other. */
  #long(index: number): number {
    const lower = this.#word(index);
    const upper = this.#word(index + 1) | 0;
    return upper === 0 ? lower : upper * 2 ** 32 + lower;
  }
}

const noContent: readonly Extent[] = [];
