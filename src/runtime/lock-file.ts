import { createHash } from "node:crypto";
import { constants, existsSync, ftruncateSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lock, lock } from "./lock.ts";
import { takesNone } from "./make-folder.ts";
import { isAlive, type Owner, ourselves } from "./owner.ts";

/** An exclusive hold on a name, by a hidden lock file in its folder; releasing it removes the file. */
export interface Held {
  /** The open files by which the name is held: whoever inherits one holds it too, even when this process has ended. */
  readonly descriptors: readonly number[];
  release(): void;
}

/** How long one is waited for that ends right now, or looks whether the file is a leftover. */
const attempts = 20;
const pause = 25;

/**
 * Takes a name in a folder for this process alone.
 *
 * @throws what `taken` makes of the process that has it; MkimageError FILE_FAILED for a folder that takes no files.
 */
export async function holdName(folder: string, name: string, taken: (by: Owner | undefined) => Error): Promise<Held> {
  const path = join(folder, lockNameOf(name));
  for (let attempt = 1; ; attempt += 1) {
    const held = lockNew(path, folder);
    if (held !== undefined) return holdBy(held, path);
    const owner = ownerOf(path);
    if (attempt === attempts || (owner !== undefined && isAlive(owner))) throw taken(owner);
    await sleep(pause);
  }
}

function lockNew(path: string, folder: string): Lock | undefined {
  try {
    return lock(path, constants.O_RDWR | constants.O_CREAT);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT" && existsSync(folder) ? takesNone(folder) : error;
  }
}

/** Removes such a file if whoever had it has ended. */
export function removeOldLock(path: string): void {
  const owner = ownerOf(path);
  if (owner !== undefined && isAlive(owner)) return;
  const held = lock(path);
  if (held === undefined) return;
  rmSync(path, { force: true });
  held.release();
}

/** Whether a file of this name is such a lock. */
export function isLockName(name: string): boolean {
  return /^\.mkimage-lock-[0-9a-f]{32}$/.test(name);
}

/** A name may be as long as the filesystem takes. What another user has left could not be opened. */
function lockNameOf(name: string): string {
  const digest = createHash("sha256").update(`${process.getuid?.()} ${name}`).digest("hex");
  return `.mkimage-lock-${digest.slice(0, 32)}`;
}

function holdBy({ descriptor, release }: Lock, path: string): Held {
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, JSON.stringify(ourselves()), 0);
  } catch {
    // The disk is full: others are told that somebody has it, and not who.
  }
  return {
    descriptors: [descriptor],
    release: () => {
      rmSync(path, { force: true });
      release();
    },
  };
}

function ownerOf(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    // It is gone, or being written.
    return undefined;
  }
}
