import { constants, lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lock } from "./lock.ts";
import { isLockName, removeOldLock } from "./lock-file.ts";
import { isAlive, type Owner } from "./owner.ts";

/** Every temporary folder of ours begins with this; its process and a random part follow. */
export const workspaceMark = ".mkimage";

/** The list of what a workspace has claimed, inside it. */
export const claimsName = "claims.json";

/** A file is known by its number, which a rename keeps: by now another may stand under its name. */
export interface FileClaim {
  readonly path: string;
  readonly inode: number;
}

/** Where files may be made that no disk is to see. What is there of them need not be in memory. */
export function memoryFolders(): string[] {
  return [process.env["XDG_RUNTIME_DIR"], "/dev/shm", "/run"].filter((folder) => folder !== undefined);
}

/**
 * Removes our hidden folders and locks in `parent` whose process has ended, as after SIGKILL. Whatever cannot be removed,
 * such as another user's in a shared folder, stays.
 */
export function removeLeftovers(parent: string): void {
  for (const name of namesIn(parent)) {
    try {
      if (isLockName(name)) removeOldLock(join(parent, name));
      else if (isLeftover(name)) removeUnlocked(join(parent, name));
    } catch {
      // Somebody else removes it, or it is not ours to remove.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isLeftover(name: string): boolean {
  const owner = ownerOf(name);
  return owner !== undefined && !isAlive(owner);
}

/** By its name: `.mkimage-PID-START-RANDOM`. */
function ownerOf(name: string): Owner | undefined {
  const [, pid, start] = /^\.mkimage-(\d+)-(\d+)-/.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), start: Number(start) };
}

/** The process of a locked one runs in a container, where it has another number. */
function removeUnlocked(folder: string): void {
  if (lstatSync(folder).uid !== process.getuid?.()) return;
  const held = lock(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  if (held === undefined) return;
  for (const claim of claimsOf(folder)) giveUp(claim);
  rmSync(folder, { recursive: true, force: true });
  held.release();
}

function giveUp({ path, inode }: FileClaim): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) rmSync(path);
}

function claimsOf(folder: string): FileClaim[] {
  try {
    return JSON.parse(readFileSync(join(folder, claimsName), "utf8")) as FileClaim[];
  } catch {
    return [];
  }
}
