import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";
import { type ByteString, textOf } from "../../base/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "../../manifest/inode.ts";
import { mostFatEntries } from "../../structures/fat/folder-entry.ts";
import { caseKey, longName, longNameSlots } from "./long-name.ts";
import { shortNames } from "./short-name.ts";

/** The names of a file or folder. `longName` is empty where the short name says everything. */
interface FatNames {
  readonly longName: string;
  readonly shortName: Uint8Array;
}

export interface FatFile extends FatNames {
  readonly type: "file";
  readonly inode: FileInode;
}

export interface FatFolder extends FatNames {
  readonly type: "folder";
  readonly inode: DirectoryInode;
  readonly children: FatNode[];
  /** How many entries of 32 bytes it has; the root without its label. */
  entryCount: number;
}

export type FatNode = FatFile | FatFolder;

const largestFile: Bytes = 2 ** 32 - 1;

/**
 * The manifest as FAT can hold it: names in their two forms, children in bytewise order. Owners and modes are left out,
 * and each hard link becomes a file of its own.
 *
 * @throws MkimageError BAD_REQUEST with every path that FAT cannot hold.
 */
export function fatTree(root: DirectoryInode): FatFolder {
  const faults: string[] = [];
  const tree = emptyFolder(root, { longName: "", shortName: new Uint8Array() });
  const waiting: FolderAt[] = [{ folder: tree, path: "" }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const folder of fill(next, faults).toReversed()) waiting.push(folder);
  }
  if (faults.length === 0) return tree;
  throw new MkimageError("BAD_REQUEST", `a FAT filesystem cannot hold ${faults[0]}`, {
    details: faults.slice(1),
    hint: "rename or leave out what is named here, or put it on another filesystem",
  });
}

interface FolderAt {
  readonly folder: FatFolder;
  readonly path: ByteString;
}

function emptyFolder(inode: DirectoryInode, names: FatNames): FatFolder {
  return { type: "folder", inode, children: [], entryCount: 0, ...names };
}

/** Puts its children into a folder, and gives the folders among them. */
function fill({ folder, path }: FolderAt, faults: string[]): FolderAt[] {
  const entries = legalEntries(folder.inode, path, faults);
  const short = shortNames(entries.map(({ text }) => text));
  const below: FolderAt[] = [];
  for (const { text, name, child } of entries) {
    const shortName = short.get(text);
    if (shortName === undefined) continue;
    const names = { longName: shortName.isWhole ? "" : text, shortName: shortName.bytes };
    const made = node(child, `${path}/${name}`, names, faults);
    if (made === undefined) continue;
    folder.children.push(made);
    if (made.type === "folder") below.push({ folder: made, path: `${path}/${name}` });
  }
  const dots = path === "" ? 0 : 2;
  folder.entryCount = folder.children.reduce((sum, child) => sum + 1 + longNameSlots(child.longName), dots);
  if (folder.entryCount >= mostFatEntries)
    faults.push(`${shown(path)}: its names need more than ${mostFatEntries} entries`);
  return below;
}

function node(inode: Inode, path: ByteString, names: FatNames, faults: string[]): FatNode | undefined {
  if (inode.type === "directory") return emptyFolder(inode, names);
  if (inode.type !== "file") faults.push(`${shown(path)}: it is a ${inode.type.replace("-", " ")}`);
  else if (inode.size > largestFile) faults.push(`${shown(path)}: it has 4 GiB or more`);
  else return { type: "file", inode, ...names };
  return undefined;
}

function legalEntries(inode: DirectoryInode, path: ByteString, faults: string[]) {
  const taken = new Map<string, string>();
  return [...inode.entries.keys()].toSorted().flatMap((name) => {
    const child = inode.entries.get(name);
    const long = longName(name);
    if (child === undefined) return [];
    const fault = "fault" in long ? `the name ${long.fault}` : collision(taken, long.text);
    if (fault === undefined && "text" in long) return [{ name, text: long.text, child }];
    faults.push(`${shown(`${path}/${name}`)}: ${fault}`);
    return [];
  });
}

function collision(taken: Map<string, string>, text: string): string | undefined {
  const key = caseKey(text);
  const other = taken.get(key);
  if (other !== undefined) return `${JSON.stringify(other)} in the same folder has the same name but for its case`;
  taken.set(key, text);
  return undefined;
}

function shown(path: ByteString): string {
  return JSON.stringify(textOf(path === "" ? "/" : path));
}
