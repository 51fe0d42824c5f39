import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { libc } from "./libc.ts";

/** A file or folder that is locked, until it is given up or this process ends, whatever ends it. */
export interface Lock {
  readonly descriptor: number;
  release(): void;
}

/** LOCK_EX and LOCK_NB. Source: flock(2). */
const exclusiveAtOnce = 2 | 4;

/**
 * Locks what stands at a path, if nobody has; a lock is seen by every process of this machine, in containers too.
 * `undefined` where somebody has, or where something else stands there by now. On a filesystem that has no locks
 * everybody gets one.
 *
 * @throws the operating system's error where it cannot be opened.
 */
export function lock(path: string, flags: number = constants.O_RDONLY): Lock | undefined {
  const { flock } = libc();
  const descriptor = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  if (isTaken(flock(descriptor, exclusiveAtOnce)) || !standsAt(path, descriptor)) {
    closeSync(descriptor);
    return undefined;
  }
  return { descriptor, release: () => closeSync(descriptor) };
}

function isTaken(result: number): boolean {
  return result !== 0 && libc().lastError()[0] === "EAGAIN";
}

/** Returns whether the path still leads to the locked file: the previous holder may have removed it. */
function standsAt(path: string, descriptor: number): boolean {
  const [there, opened] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)];
  return there?.ino === opened.ino && there.dev === opened.dev;
}
