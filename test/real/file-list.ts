import { createHash } from "node:crypto";
import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** The facts of a file, but for those that its filesystem cannot tell. */
export interface ListedFile {
  /** `file`, `directory`, `symlink` or `other`. */
  readonly type: string;
  readonly mode?: number;
  readonly owner?: string;
  readonly time?: number;
  readonly target?: string;
  /** The sum of a file's contents. */
  readonly contents?: string;
}

/** Lists every file below a folder, by its path after `prefix`: nothing of mkimage reads them. */
export function listFiles(folder: string, prefix = ""): Map<string, ListedFile> {
  const entries = readdirSync(folder, { withFileTypes: true });
  return new Map(
    entries.flatMap((entry) => {
      const [path, name] = [join(folder, entry.name), `${prefix}/${entry.name}`];
      return [[name, listed(path, entry)] as const, ...(entry.isDirectory() ? listFiles(path, name) : [])];
    }),
  );
}

function listed(path: string, entry: Dirent): ListedFile {
  const { mode, uid, gid, mtimeMs } = lstatSync(path);
  const common = { mode: mode & 0o7777, owner: `${uid}:${gid}`, time: mtimeMs };
  if (entry.isDirectory()) return { type: "directory", ...common };
  if (entry.isSymbolicLink()) return { type: "symlink", ...common, target: readlinkSync(path) };
  if (!entry.isFile()) return { type: "other", ...common };
  return { type: "file", ...common, contents: createHash("sha256").update(readFileSync(path)).digest("hex") };
}

/** The differences of two lists: `PATH: WHAT`, sorted. WHAT is `only NAME` for what only one of them has. */
export function listDifferences(
  lists: readonly [ReadonlyMap<string, ListedFile>, ReadonlyMap<string, ListedFile>],
  names: readonly [string, string],
): string[] {
  const [one, other] = lists;
  const paths = [...new Set([...one.keys(), ...other.keys()])];
  return paths
    .flatMap((path) => whatDiffers(one.get(path), other.get(path), names).map((what) => `${path}: ${what}`))
    .toSorted();
}

function whatDiffers(
  one: ListedFile | undefined,
  other: ListedFile | undefined,
  names: readonly [string, string],
): string[] {
  if (one === undefined) return [`only ${names[1]}`];
  if (other === undefined) return [`only ${names[0]}`];
  const keys = ["type", "mode", "owner", "time", "target", "contents"] as const;
  return keys.filter((key) => one[key] !== other[key]);
}
