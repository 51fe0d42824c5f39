import { setImmediate } from "node:timers/promises";
import { MkimageError } from "../base/errors.ts";
import { throwIfAborted } from "../image/image.ts";
import type { ByteString } from "../base/byte-string.ts";
import type { Inode } from "./inode.ts";
import type { ReadRules } from "./read-rules.ts";
import { findData, type SparseFile } from "./sparse.ts";
import { type Found, unreadable } from "./walk/found.ts";
import { placeTrees } from "./walk/place-trees.ts";
import { walkTogether } from "./walk/together.ts";
import { Walk } from "./walk/walk.ts";

/**
 * Reads a file or a folder with all that is in it. File contents are not read: they become extents of the files.
 *
 * @param path an absolute path.
 * @throws MkimageError BAD_REQUEST when something cannot be read, naming it.
 */
export function readTree(path: ByteString, rules: ReadRules): Inode {
  const found: Found[] = [];
  const sparse: SparseFile[] = [];
  placeTrees(found, walkHere([path], rules).finish(), [path], rules, { linked: new Map(), sparse });
  for (const _ of findAll(sparse));
  return orThrow(found[0] as Found);
}

/** As `readTree`, on all threads that have been started. */
export async function readLargeTree(path: ByteString, rules: ReadRules, signal?: AbortSignal): Promise<Inode> {
  return orThrow((await readTrees([path], rules, signal))[0] as Found);
}

/**
 * Reads trees on all threads that have been started: each as `readTree` would, or what that would throw.
 *
 * @throws MkimageError BAD_REQUEST when the data of a sparse file cannot be read; INTERRUPTED.
 */
export async function readTrees(
  paths: readonly ByteString[],
  rules: ReadRules,
  signal?: AbortSignal,
): Promise<Found[]> {
  const top = walkTop(paths, rules);
  const linked = new Map();
  const sparse: SparseFile[] = [];
  const others: Found[] = [];
  for await (const part of walkTogether(top.others, rules))
    placeTrees(others, part, top.others, rules, { linked, sparse });
  const found: Found[] = [];
  placeTrees(found, top.finish(), paths, rules, { linked, sparse, others });
  for (const _ of findAll(sparse)) {
    // Signals are heard in between.
    await setImmediate();
    throwIfAborted(signal);
  }
  return found;
}

function* findAll(files: readonly SparseFile[]): Generator<void> {
  for (const file of files) {
    try {
      yield* findData(file);
    } catch (error) {
      if (error instanceof MkimageError) throw error;
      throw unreadable({ path: file.source.path, reason: (error as Error).message });
    }
  }
}

function walkHere(paths: readonly ByteString[], rules: ReadRules, depth?: number): Walk {
  const walk = new Walk(rules, depth);
  for (const [index, path] of paths.entries()) walk.add(index, path);
  return walk;
}

/** With fewer trees than this, threads would have too unlike shares. */
const enoughTrees = 256;
const mostLevels = 6;

/** Walks through as many levels as it takes until enough trees are left below, or none. */
function walkTop(paths: readonly ByteString[], rules: ReadRules): Walk {
  for (let levels = 0; ; levels += 1) {
    const walk = walkHere(paths, rules, levels);
    if (levels === mostLevels || walk.others.length === 0 || walk.others.length >= enoughTrees) return walk;
  }
}

function orThrow(found: Found): Inode {
  if (found instanceof MkimageError) throw found;
  return found;
}
