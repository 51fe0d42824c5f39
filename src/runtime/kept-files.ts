import { randomUUID } from "node:crypto";
import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../base/units.ts";

/** Files of the cache folder that go together: their names begin alike, and are bounded in number and size. */
export interface KeptKind {
  readonly prefix: string;
  /** Of all files together. */
  readonly mostBytes: Bytes;
  readonly mostFiles: number;
}

/** A file of the cache folder; its time is when something of it was used last. */
interface KeptFile {
  readonly path: string;
  readonly size: Bytes;
  readonly used: number;
}

/** The name of a new file. What else its bytes depend on is the variant. */
export function newName({ prefix }: KeptKind, variant: string): string {
  return `${prefix}-${variant}-${randomUUID()}`;
}

/** The files of a variant, those that were used last behind the others. None where the folder cannot be read. */
export function keptFiles(folder: string, { prefix }: KeptKind, variant: string): readonly KeptFile[] {
  return filesIn(folder, `${prefix}-${variant}-`);
}

/** Says that files are in use, and leaves them in their order. One that is not ours to change is only forgotten sooner. */
export function markUsed(paths: readonly string[]): void {
  const now = Date.now() / 1000;
  for (const [index, path] of paths.entries()) {
    const time = now + index / 1000;
    ignoringErrors(() => utimesSync(path, time, time));
  }
}

function removeFile(path: string): void {
  ignoringErrors(() => rmSync(path, { force: true }));
}

/** Removes those that were not used for longest, of any variant, until the rest is within bounds. Who has one open keeps it. */
export function keepWithinBounds(folder: string, { prefix, mostBytes, mostFiles }: KeptKind): void {
  let size = 0;
  for (const [index, file] of filesIn(folder, `${prefix}-`).toReversed().entries()) {
    size += file.size;
    if (size > mostBytes || index >= mostFiles) removeFile(file.path);
  }
}

function filesIn(folder: string, start: string): readonly KeptFile[] {
  const paths = namesIn(folder).flatMap((name) => (name.startsWith(start) ? [join(folder, name)] : []));
  const files = paths.flatMap((path): KeptFile[] => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? [] : [{ path, size: found.size, used: found.mtimeMs }];
  });
  return files.toSorted((one, other) => one.used - other.used);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function ignoringErrors(act: () => void): void {
  try {
    act();
  } catch {
    // Another build has removed it, or it is another user's.
  }
}
