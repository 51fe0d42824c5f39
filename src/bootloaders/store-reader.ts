import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import type { Bytes } from "../base/units.ts";
import { storeFolder } from "../nix/store-path.ts";

/** A regular file of the store, links followed. */
export interface StoreFile {
  readonly path: string;
  readonly size: number;
}

/** Access to files by their path in the store, for recognising an installer. */
export interface StoreReader {
  /**
   * The bytes of a file, links followed; `undefined` where there is no readable file. A reader of what others made refuses
   * one of more than `most` bytes.
   */
  read(path: string, most?: Bytes): Buffer | undefined;
  /** Where a regular file really is, and its size; `undefined` where there is none. */
  locate(path: string): StoreFile | undefined;
  /** The names in a folder, sorted; none where there is no folder. */
  list(folder: string): string[];
}

/** The store of this machine. */
export const localStore: StoreReader = {
  read: (path) => unlessMissing(() => readFileSync(path)),
  locate: (path) => unlessMissing(() => locateFile(path)),
  list: (folder) => unlessMissing(() => readdirSync(folder).sort()) ?? [],
};

/** `HASH-NAME` of the store path that a path lies in; `undefined` for other paths. */
export function storeEntryOf(path: string): string | undefined {
  return path.startsWith(`${storeFolder}/`) ? path.slice(storeFolder.length + 1).split("/", 1)[0] : undefined;
}

/** A file as text; `undefined` for a program that is not a script. */
export function textAt(path: string, store: StoreReader): string | undefined {
  const bytes = path.startsWith("/") ? store.read(path) : undefined;
  return bytes === undefined || bytes.includes(0) ? undefined : bytes.toString("utf8");
}

function locateFile(path: string): StoreFile | undefined {
  const real = realpathSync(path);
  const status = statSync(real);
  return status.isFile() ? { path: real, size: status.size } : undefined;
}

const meansNothingThere = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (meansNothingThere.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
