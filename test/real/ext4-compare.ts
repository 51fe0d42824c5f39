import {
  type BigIntStats,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from "node:fs";
import type { DirectoryInode, FileInode, Inode } from "../../src/manifest/inode.ts";
import { judge } from "../filesystems/ext4/judges.ts";
import { options } from "../filesystems/ext4/trees.ts";
import { bytesOfFile, dataOf } from "../manifest/write-tree.ts";
import { contentExtents } from "../../src/manifest/content-extents.ts";

const types: Readonly<Record<Inode["type"], number>> = {
  fifo: 1,
  "character-device": 2,
  directory: 4,
  "block-device": 6,
  file: 8,
  symlink: 10,
  socket: 12,
};

/** Files up to this size are read as a whole, of larger ones the parts that hold data. */
const readWhole = 2 ** 24;

/**
 * Compares what the kernel shows of a mounted filesystem with a manifest, entry by entry: names, types, bytes, holes,
 * modes, owners, times to the nanosecond, links, device numbers and extended attributes. Gives one line a difference.
 * `lost+found` may be there though the manifest has none.
 */
export function differences(root: DirectoryInode, mountPoint: string): string[] {
  const comparison = new Comparison(root, mountPoint);
  comparison.compare(root, "");
  return comparison.found;
}

class Comparison {
  readonly found: string[] = [];
  readonly #mountPoint: string;
  readonly #links: ReadonlyMap<Inode, number>;
  readonly #xattrs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly #numbers = new Map<Inode, bigint>();

  constructor(root: DirectoryInode, mountPoint: string) {
    this.#mountPoint = mountPoint;
    this.#links = linksOf(root);
    this.#xattrs = xattrsUnder(mountPoint);
  }

  compare(inode: Inode, path: string): void {
    const stat = lstatSync(this.#open(path), { bigint: true });
    this.#attributes(inode, path, stat);
    this.#extendedAttributes(inode, path);
    if (inode.type === "directory") this.#directory(inode, path);
    else if (inode.type === "file") this.#file(inode, path, stat);
    else if (inode.type === "symlink")
      this.#same(path, "target", readlinkSync(this.#open(path), "latin1"), inode.target);
    else if ("major" in inode) this.#same(path, "device", stat.rdev, deviceNumber(inode.major, inode.minor));
  }

  #directory(folder: DirectoryInode, path: string): void {
    const names = new Set(readdirSync(this.#open(path), "latin1"));
    if (path === "" && !folder.entries.has("lost+found")) names.delete("lost+found");
    for (const name of names) if (!folder.entries.has(name)) this.#same(path, "a name", name, undefined);
    for (const [name, inode] of folder.entries) {
      if (names.has(name)) this.compare(inode, `${path}/${name}`);
      else this.#same(path, "a name", undefined, name);
    }
  }

  #attributes(inode: Inode, path: string, stat: BigIntStats): void {
    this.#same(path, "mode", Number(stat.mode), types[inode.type] * 4096 + inode.mode);
    this.#same(path, "uid", Number(stat.uid), inode.uid);
    this.#same(path, "gid", Number(stat.gid), inode.gid);
    this.#same(path, "links", Number(stat.nlink), this.#links.get(inode));
    const time = BigInt(inode.mtime.seconds) * 1_000_000_000n + BigInt(inode.mtime.nanoseconds);
    for (const name of ["mtimeNs", "atimeNs"] as const) this.#same(path, name, stat[name], time);
    const made = BigInt(options.time) * 1_000_000_000n;
    for (const name of ["ctimeNs", "birthtimeNs"] as const) this.#same(path, name, stat[name], made);
    const number = this.#numbers.get(inode) ?? stat.ino;
    this.#same(path, "inode", stat.ino, number);
    this.#numbers.set(inode, number);
  }

  /** Bytes and holes: with the right bytes and no block more than they need, every hole is where it should be. */
  #file(inode: FileInode, path: string, stat: BigIntStats): void {
    this.#same(path, "size", Number(stat.size), inode.size);
    const isEqual = inode.size <= readWhole ? this.#isSameWhole(inode, path) : this.#isSameData(inode, path);
    this.#same(path, "content right", isEqual, true);
    const blocks = Number(stat.blocks) / 8;
    const least = blocksWithData(inode);
    const most = least + (inode.xattrs?.size ? 1 : 0) + (contentExtents(inode).length > 4 ? 1 : 0);
    if (blocks < least || blocks > most) this.#same(path, "blocks", blocks, `${least} to ${most}`);
  }

  #isSameWhole(inode: FileInode, path: string): boolean {
    return readFileSync(this.#open(path)).equals(bytesOfFile(inode));
  }

  #isSameData(inode: FileInode, path: string): boolean {
    const descriptor = openSync(this.#open(path), "r");
    const isSame = [...dataOf(inode)].every(({ offset, bytes }) => {
      const seen = Buffer.alloc(bytes.length);
      return readSync(descriptor, seen, 0, seen.length, offset) === seen.length && seen.equals(bytes);
    });
    closeSync(descriptor);
    return isSame;
  }

  #extendedAttributes(inode: Inode, path: string): void {
    const wanted = new Map(
      [...(inode.xattrs ?? [])].map(([name, value]) => [name, Buffer.from(value).toString("hex")]),
    );
    const seen = this.#xattrs.get(this.#mountPoint + path) ?? new Map<string, string>();
    for (const name of new Set([...wanted.keys(), ...seen.keys()])) {
      this.#same(path, `attribute ${JSON.stringify(name)}`, seen.get(name), wanted.get(name));
    }
  }

  #same(path: string, what: string, seen: unknown, wanted: unknown): void {
    if (seen !== wanted) this.found.push(`${JSON.stringify(path)}: ${what} is ${String(seen)}, not ${String(wanted)}`);
  }

  #open(path: string): Buffer {
    return Buffer.from(`${this.#mountPoint}${path}`, "latin1");
  }
}

/** How many links each inode has: a folder two and one for each subfolder, or 1 where that is more than ext4 counts. */
function linksOf(root: DirectoryInode): Map<Inode, number> {
  const links = new Map<Inode, number>();
  const visit = (folder: DirectoryInode, more: number): void => {
    const subfolders = [...folder.entries.values()].filter(({ type }) => type === "directory").length;
    links.set(folder, subfolders + more > 65_000 ? 1 : subfolders + more);
    for (const inode of folder.entries.values()) {
      if (inode.type === "directory") visit(inode, 2);
      else links.set(inode, (links.get(inode) ?? 0) + 1);
    }
  };
  visit(root, root.entries.has("lost+found") ? 2 : 3);
  return links;
}

function blocksWithData(file: FileInode): number {
  let blocks = 0;
  let end = 0;
  for (const { offset, length } of contentExtents(file)) {
    const last = Math.ceil((offset + length) / 4096);
    blocks += last - Math.max(end, Math.floor(offset / 4096));
    end = last;
  }
  return blocks;
}

/** As the C library puts a device's two numbers together. */
function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn);
}

/** All extended attributes under a folder: path to name to value in hexadecimal digits. */
function xattrsUnder(folder: string): Map<string, Map<string, string>> {
  const files = new Map<string, Map<string, string>>();
  let attributes = new Map<string, string>();
  const output = judge("getfattr", "-R", "-P", "-h", "-d", "-m", "-", "-e", "hex", "--absolute-names", folder);
  for (const line of output.split("\n")) {
    const pair = /^(.*?)(?:=(?:0x([0-9a-f]*))?)?$/.exec(line);
    if (line.startsWith("# file: ")) files.set(unescaped(line.slice(8)), (attributes = new Map<string, string>()));
    else if (line !== "") attributes.set(unescaped(pair?.[1] ?? line), pair?.[2] ?? "");
  }
  return files;
}

/** getfattr writes unusual bytes as a backslash and three octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
