import { MkimageError } from "../base/errors.ts";
import { sha256Hex } from "./nix-hash.ts";
import { isStorePath } from "./store-path.ts";

/** One store path as Nix registers it. What differs from machine to machine (deriver, signatures, times) is left out. */
export interface StorePath {
  readonly path: string;
  /** SHA-256 of its NAR, 64 hex digits. */
  readonly narHash: string;
  readonly narSize: number;
  /** Sorted; may hold the path itself. */
  readonly references: readonly string[];
}

/**
 * Reads `nix-store --dump-db` or a closureInfo's `registration`: for each path the lines path, hash of the NAR, size of
 * the NAR, deriver (often empty), number of references, and the references.
 *
 * @param name what to call the text in an error, such as its path.
 * @throws MkimageError RESOLVE_FAILED with the number of the faulty line.
 */
export function parseRegistration(text: string, name: string): StorePath[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const paths: StorePath[] = [];
  if (text === "") return paths;
  for (let at = 0; at < lines.length;) {
    const entry = readEntry(lines, at);
    if (typeof entry === "string") throw malformed(name, at + 1, entry);
    paths.push(entry);
    at += 5 + Number(lines[at + 4]);
  }
  return paths;
}

/** The entry whose first line has this index, or what is wrong with it. */
function readEntry(lines: readonly string[], at: number): StorePath | string {
  const [path = "", hash = "", size = "", , count = ""] = lines.slice(at, at + 5);
  if (!isStorePath(path)) return `${JSON.stringify(path)} is not a store path`;
  const narHash = sha256Hex(hash);
  if (narHash === undefined) return `${JSON.stringify(hash)}, the hash of ${path}, is not a SHA-256 hash`;
  if (!/^\d+$/.test(size)) return `${JSON.stringify(size)}, the NAR size of ${path}, is not a number`;
  if (!/^\d+$/.test(count)) return `${JSON.stringify(count)}, the number of references of ${path}, is not a number`;
  const references = lines.slice(at + 5, at + 5 + Number(count));
  if (references.length < Number(count)) return `the references of ${path} are cut off`;
  const stray = references.find((reference) => !isStorePath(reference));
  if (stray !== undefined) return `${JSON.stringify(stray)}, a reference of ${path}, is not a store path`;
  return { path, narHash, narSize: Number(size), references: references.toSorted() };
}

function malformed(name: string, line: number, fault: string): MkimageError {
  return new MkimageError("RESOLVE_FAILED", `${name} cannot be read: ${fault} (entry at line ${line})`, {
    hint: "make it with `nix-store --dump-db PATHS…`, or with nixpkgs' closureInfo",
  });
}
