import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import { byteString } from "../base/byte-string.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { readTar } from "../manifest/read-tar.ts";
import type { Disk } from "./qemu.ts";

/** The disks that a guest writes archives to: what came of each step, and what `/vm/capture` sends. */
const serials = ["results", "capture"] as const;

/** Makes empty disks, holes throughout, for what a guest gives back. */
export function makeResultDisks(folder: string, limit: Bytes): Disk[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return serials.map((serial) => {
    const path = join(folder, serial);
    writeFileSync(path, "", { mode: 0o600 });
    truncateSync(path, limit);
    return { path, format: "raw", serial, access: "scratch" };
  });
}

/**
 * Reads the archives that a guest wrote to its disks, into one tree; file contents stay there. `undefined` when the last
 * entry, `complete`, is not there.
 */
export function readResults(folder: string): DirectoryInode | undefined {
  const [results, captured] = serials.map((serial) => readArchive(join(folder, serial)));
  if (captured === undefined || results?.entries.delete("complete") !== true) return undefined;
  return { ...results, entries: new Map([...results.entries, ...captured.entries]) };
}

/** A guest that ended too early leaves an archive that is cut off. */
function readArchive(path: string): DirectoryInode | undefined {
  try {
    return readTar(byteString(path), { owner: "as-is", times: "as-is" });
  } catch (error) {
    if (error instanceof MkimageError) return undefined;
    throw error;
  }
}
