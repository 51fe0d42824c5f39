import { constants, existsSync, lstatSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { type FileClaim, claimsName, memoryFolders, removeLeftovers, workspaceMark } from "./leftovers.ts";
import { type Lock, lock } from "./lock.ts";
import { takesNone } from "./make-folder.ts";
import { ourselves } from "./owner.ts";
import { systemError } from "./system-error.ts";

/** A hidden folder for what is being made. */
export interface Workspace {
  readonly folder: string;
  /** Says that files of it are about to be renamed into a folder: they go with the workspace if we are killed. */
  claim(files: readonly { readonly path: string; readonly name: string }[], folder: string): void;
  remove(): void;
}

/**
 * Makes a hidden folder inside `parent`, on the same filesystem as what will be renamed out of it, and removes those
 * that dead processes left there, among the temporary files and in memory.
 *
 * @throws MkimageError FILE_FAILED, NO_SPACE where none can be made.
 */
export async function openWorkspace(parent: string): Promise<Workspace> {
  for (const place of new Set([parent, tmpdir(), ...memoryFolders()])) removeLeftovers(place);
  const { path, lock: held } = makeLocked(parent);
  const remove = (): void => {
    open.delete(remove);
    removeFolder(path);
    held.release();
  };
  open.add(remove);
  return { folder: path, claim: (files, folder) => writeClaims(path, files, folder), remove };
}

/** As `openWorkspace`, in the folder for temporary files: its path is short enough for a Unix socket. */
export function openTemporaryWorkspace(): Promise<Workspace> {
  return openWorkspace(tmpdir());
}

/** Removes a folder. A failure must not hide the error of the work itself: the next run tries again. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // As above.
  }
}

/** The functions that remove the open workspaces. */
const open = new Set<() => void>();

/** For an end that nothing else is done at any more. */
export function removeOpenWorkspaces(): void {
  for (const remove of open) remove();
}

interface LockedFolder {
  readonly path: string;
  readonly lock: Lock;
}

/** Before a folder is locked, it looks to others as if its process had ended, if that is not seen from their container. */
function makeLocked(parent: string): LockedFolder {
  for (;;) {
    const path = makeHidden(parent);
    const held = lockIfThere(path);
    if (held !== undefined) return { path, lock: held };
  }
}

function lockIfThere(path: string): Lock | undefined {
  try {
    return lock(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (existsSync(path)) throw error;
    return undefined;
  }
}

function makeHidden(parent: string): string {
  const { pid, start } = ourselves();
  try {
    return mkdtempSync(join(realpathSync(parent), `${workspaceMark}-${pid}-${start}-`));
  } catch (error) {
    throw cannotMake(parent, error);
  }
}

function cannotMake(parent: string, error: unknown): unknown {
  const isThere = existsSync(parent);
  if (isThere && (error as NodeJS.ErrnoException).code === "ENOENT") return takesNone(parent);
  const known = systemError(error);
  if (known === undefined || parent !== tmpdir()) return known ?? error;
  const why = isThere ? (known.cause as NodeJS.ErrnoException).code : "there is no such folder";
  return new MkimageError(known.code, `no temporary files can be made in ${parent}: ${why}`, {
    hint: "set TMPDIR to a folder that can be written to and has room",
    cause: error,
  });
}

function writeClaims(path: string, files: Parameters<Workspace["claim"]>[0], folder: string): void {
  const claims = files.map((file): FileClaim => ({
    path: resolve(folder, file.name),
    inode: lstatSync(file.path).ino,
  }));
  writeFileSync(join(path, claimsName), JSON.stringify(claims));
}
