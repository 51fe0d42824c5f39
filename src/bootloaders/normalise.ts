import { bytesExtent } from "../image/extent.ts";
import { contentOf } from "../manifest/file-content.ts";
import type { DirectoryInode, FileInode, Inode } from "../manifest/inode.ts";
import type { Installation } from "./installation.ts";

/** The values that are the same on every day of a build. */
interface NormaliseOptions {
  /** SOURCE_DATE_EPOCH. */
  readonly time: number;
  /** The content of the image's /etc/machine-id, where it has one. */
  readonly machineId: string | undefined;
}

/**
 * Makes an installation that a guest captured independent of the day: all times become `time`, and files that are random
 * by design are left out, so that each machine makes its own at first boot.
 */
export function normaliseInstallation(installation: Installation, options: NormaliseOptions): Installation {
  return {
    ...installation,
    trees: new Map([...installation.trees].map(([path, tree]) => [path, normaliseFolder(tree, [], options)])),
    files: new Map([...installation.files].map(([path, inode]) => [path, normalise(inode, undefined, options)])),
  };
}

/** Names from a boot mount point on, in lower case as FAT compares them; undefined for what is elsewhere. */
type BootPath = readonly string[] | undefined;

function normalise(inode: Inode, path: BootPath, options: NormaliseOptions): Inode {
  if (inode.type === "directory") return normaliseFolder(inode, path, options);
  const dated = { ...inode, mtime: timeOf(options) };
  return dated.type === "file" && isEntry(path) ? withoutInventedMachineId(dated, options) : dated;
}

function normaliseFolder(folder: DirectoryInode, path: BootPath, options: NormaliseOptions): DirectoryInode {
  const entries = [...folder.entries].map(([name, inode]) => [name, inode, path?.concat(name.toLowerCase())] as const);
  const kept = entries.filter(([, , place]) => place?.join("/") !== randomSeed);
  const normalised = kept.map(([name, inode, place]) => [name, normalise(inode, place, options)] as const);
  return { ...folder, mtime: timeOf(options), entries: new Map(normalised) };
}

/** The random seed that bootctl writes beside loader.conf. It would be the same in every copy of an image. */
const randomSeed = "loader/random-seed";

function isEntry(path: BootPath): boolean {
  return path !== undefined && path.length === 3 && /^loader\/entries\/.*\.conf$/.test(path.join("/"));
}

/** Builders until 23.11 write a machine id into each entry, and invent one where the image has none. */
function withoutInventedMachineId(entry: FileInode, { machineId }: NormaliseOptions): FileInode {
  const text = contentOf(entry).toString("latin1");
  const kept = text.replaceAll(/^machine-id (.*)\n/gm, (line, id: string) => (id.trim() === machineId ? line : ""));
  if (kept === text) return entry;
  const bytes = Buffer.from(kept, "latin1");
  return { ...entry, size: bytes.length, content: [bytesExtent(0, bytes)] };
}

function timeOf({ time }: NormaliseOptions) {
  return { seconds: time, nanoseconds: 0 };
}
