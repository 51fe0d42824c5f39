import { lstatSync, readdirSync } from "node:fs";
import { type ByteString, openable } from "../base/byte-string.ts";

/** Whether a path stands for several: `*` is any part of a name, `?` one byte of it. */
export function isPattern(path: ByteString): boolean {
  return /[*?]/.test(path);
}

/** The paths on this machine that an absolute pattern stands for, in bytewise order; names that begin with a dot as any other. */
export function expandPattern(pattern: ByteString): ByteString[] {
  let found: ByteString[] = [""];
  for (const part of pattern.split("/").filter((name) => name !== "")) {
    found = found.flatMap((folder) =>
      isPattern(part) ? matchingEntries(folder, part) : existing(`${folder}/${part}`),
    );
  }
  return found;
}

function matchingEntries(folder: ByteString, pattern: ByteString): ByteString[] {
  const matcher = new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, escapeOrWiden)}$`, "s");
  return namesIn(folder)
    .filter((name) => matcher.test(name))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}

function escapeOrWiden(character: string): string {
  if (character === "*") return ".*";
  return character === "?" ? "." : `\\${character}`;
}

function namesIn(folder: ByteString): ByteString[] {
  try {
    return readdirSync(openable(folder === "" ? "/" : folder), "latin1");
  } catch {
    // Not a folder, or not ours to read: no pattern matches in it.
    return [];
  }
}

function existing(path: ByteString): ByteString[] {
  return lstatSync(openable(path), { throwIfNoEntry: false }) === undefined ? [] : [path];
}
