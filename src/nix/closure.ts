import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { KiB } from "../base/units.ts";
import { type NixOptions, nixStore } from "./nix.ts";
import { parseRegistration, type StorePath } from "./registration.ts";

/** Store paths with all that they refer to, in bytewise order. */
export interface Closure {
  readonly roots: readonly string[];
  readonly paths: readonly StorePath[];
}

const sandboxHint =
  "as an ordinary user Nix needs its daemon; without one, give the closure by --closure-info DIR, a folder with " +
  "`registration` and `store-paths` as nixpkgs' closureInfo makes it";

/**
 * The closure of some store paths, asked of Nix (through its daemon, where there is one), by `nix-store`: its questions and
 * answers are the same in every Nix and Lix, and need no experimental feature. The live database is not opened by us.
 *
 * @throws MkimageError RESOLVE_FAILED when Nix does not know them, or cannot be asked.
 */
export async function queryClosure(
  roots: readonly string[],
  options: NixOptions = {},
  hint: string = sandboxHint,
): Promise<Closure> {
  if (roots.length === 0) return { roots, paths: [] };
  const purpose = `asking Nix for the closure of ${roots.join(", ")}`;
  const ask = (arguments_: readonly string[]) => nixStore(purpose, arguments_, options, hint);
  const dumps: string[] = [];
  const paths = new Set<string>();
  for (const batch of batches(roots))
    for (const path of linesOf(await ask(["--query", "--requisites", ...batch]))) paths.add(path);
  for (const batch of batches([...paths])) dumps.push(await ask(["--dump-db", ...batch]));
  return closureOf(roots, parseRegistration(dumps.join(""), "what `nix-store --dump-db` printed"), "Nix's database");
}

/** Half of what Linux takes for arguments and environment of a program where its stack is as small as it can be. */
const longestArguments = 64 * KiB;

/** Paths in as many pieces as calls have to be made. */
function batches(paths: readonly string[]): string[][] {
  const pieces: string[][] = [];
  let room = 0;
  for (const path of paths) {
    room -= path.length + 1;
    if (room < 0) {
      pieces.push([]);
      room = longestArguments - path.length - 1;
    }
    pieces.at(-1)?.push(path);
  }
  return pieces;
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/**
 * The closure of some store paths, from a folder that nixpkgs' closureInfo made. What it lists besides is left out.
 *
 * @param folder holds `registration`.
 * @throws MkimageError RESOLVE_FAILED when it cannot be read, or does not have them all.
 */
export function readClosureInfo(folder: string, roots: readonly string[]): Closure {
  return closureOf(roots, registered(folder), registrationIn(folder));
}

/**
 * The closure of programs that run here: from the folder that the request names for its system, where that has them, else
 * asked of Nix.
 *
 * @throws MkimageError RESOLVE_FAILED when neither knows them.
 */
export async function programClosure(
  roots: readonly string[],
  closureInfo: string | undefined,
  options: NixOptions = {},
): Promise<Closure> {
  if (closureInfo === undefined) return queryClosure(roots, options);
  const { missing, ...closure } = reach(roots, registered(closureInfo));
  const hint =
    `the folder ${closureInfo} that --closure-info names does not have the programs that guests run: ` +
    "add the package of mkimage, or of the toolbox, to closureInfo's rootPaths";
  return missing.length === 0 ? closure : queryClosure(roots, options, hint);
}

/**
 * Returns the paths that are reachable from the roots, sorted. Pure.
 *
 * @throws MkimageError RESOLVE_FAILED listing every path that is referred to and not there.
 */
export function closureOf(roots: readonly string[], known: readonly StorePath[], source: string): Closure {
  const { missing, ...closure } = reach(roots, known);
  if (missing.length > 0) throw incomplete(source, missing);
  return closure;
}

/** The roots with what they lead to, sorted, and what is not known of it. */
function reach(roots: readonly string[], known: readonly StorePath[]): Closure & { readonly missing: string[] } {
  const byPath = new Map(known.map((entry) => [entry.path, entry]));
  const reached = new Map<string, StorePath>();
  const missing = new Set<string>();
  for (const waiting = [...roots]; waiting.length > 0;) {
    const path = waiting.pop() as string;
    const entry = byPath.get(path);
    if (entry === undefined) missing.add(path);
    if (entry === undefined || reached.has(path)) continue;
    reached.set(path, entry);
    waiting.push(...entry.references);
  }
  const paths = [...reached.keys()].toSorted().map((path) => reached.get(path) as StorePath);
  return { roots, paths, missing: [...missing].toSorted() };
}

function registered(folder: string): StorePath[] {
  const file = registrationIn(folder);
  return parseRegistration(readText(file), file);
}

function registrationIn(folder: string): string {
  return join(folder, "registration");
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new MkimageError("RESOLVE_FAILED", `${file} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: "--closure-info takes a folder with `registration` and `store-paths`, as nixpkgs' closureInfo makes it",
    });
  }
}

function incomplete(source: string, missing: readonly string[]): MkimageError {
  return new MkimageError(
    "RESOLVE_FAILED",
    `the closure is not complete: ${source} lacks ${missing.length} of its store paths`,
    {
      details: missing.slice(0, 20),
      hint: "pass the system and every additional path to closureInfo's rootPaths",
    },
  );
}
