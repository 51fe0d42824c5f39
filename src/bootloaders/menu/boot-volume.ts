import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "../../manifest/inode.ts";
import { namesOf } from "../../manifest/tree.ts";
import { followToFile } from "../../manifest/follow.ts";

/** A filesystem that firmware or a boot loader looks for files in. */
export interface BootVolume {
  readonly root: DirectoryInode;
  /** FAT's names are the same in capitals and small letters. */
  readonly ignoresCase: boolean;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly partition: number | null;
  /** For people: `partition 2`, `the disk`. */
  readonly name: string;
}

/** The file at a path of a filesystem, as its driver finds it. */
export function findFile(volume: BootVolume, path: ByteString): FileInode | undefined {
  if (!volume.ignoresCase) return followToFile(volume.root, path);
  const inode = findIgnoringCase(volume.root, path);
  return inode?.type === "file" ? inode : undefined;
}

/** The files of a folder whose names end so, in bytewise order of their names. */
export function filesIn(volume: BootVolume, path: ByteString, ending: string): { name: ByteString; file: FileInode }[] {
  const folder = findIgnoringCase(volume.root, path);
  if (folder?.type !== "directory") return [];
  return [...folder.entries]
    .flatMap(([name, file]) =>
      file.type === "file" && name.toLowerCase().endsWith(ending.toLowerCase()) ? [{ name, file }] : [],
    )
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function findIgnoringCase(root: DirectoryInode, path: ByteString): Inode | undefined {
  let inode: Inode | undefined = root;
  for (const name of namesOf(path)) {
    if (inode?.type !== "directory") return undefined;
    inode = inode.entries.get(name) ?? inSmallLetters(inode).get(name.toLowerCase());
  }
  return inode;
}

const known = new WeakMap<DirectoryInode, ReadonlyMap<ByteString, Inode>>();

/** The entries of a folder by their names in small letters, the first of those that are then the same. */
function inSmallLetters(folder: DirectoryInode): ReadonlyMap<ByteString, Inode> {
  const before = known.get(folder);
  if (before !== undefined) return before;
  const entries = new Map([...folder.entries].reverse().map(([name, inode]) => [name.toLowerCase(), inode]));
  known.set(folder, entries);
  return entries;
}
