import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyProgram } from "./copy-program.ts";
import { offlineNix } from "./mkimage.ts";

/** Circumstances that may differ between two builds of one image without a difference in its bytes. */
export interface Circumstance {
  readonly name: string;
  /** The programs that run it in that way, in the order from the outside in. */
  readonly through?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
}

/** Of no privilege, and with no home. */
const nobody = 65534;

/**
 * All that may differ for an image of these systems.
 *
 * @param folder is made, with what is needed in it.
 */
export function circumstancesFor(toplevels: readonly string[], folder: string): Circumstance[] {
  mkdirSync(folder);
  const closure = lines("nix-store", "--query", "--requisites", ...toplevels);
  const store = hardLinkedStore(closure, join(folder, "store"));
  return [
    { name: "a hard-linked store", through: inMountNamespace(`mount --bind ${store} /nix/store`) },
    { name: "another user", through: asNobody(folder), arguments: ["--closure-info", closureInfo(closure, folder)] },
    { name: "one processor", through: ["taskset", "--cpu-list", "0"] },
    { name: "another mask of modes", through: ["sh", "-c", 'umask 077; exec "$@"', "sh"] },
    { name: "another day", through: ["faketime", "-m", "-f", "+500d"], environment: ownClockOfWaits },
    { name: "another time zone", environment: { TZ: "Pacific/Chatham" } },
    { name: "another language", environment: { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", LANGUAGE: "tr" } },
  ];
}

/** Several at once. */
export function together(circumstances: readonly Circumstance[]): Circumstance {
  return {
    name: circumstances.map(({ name }) => name).join(", "),
    through: circumstances.flatMap(({ through = [] }) => through),
    environment: Object.assign({}, ...circumstances.map(({ environment }) => environment)),
    arguments: circumstances.flatMap((circumstance) => circumstance.arguments ?? []),
  };
}

/** A folder in the test's own that anybody may write to. */
export function folderForAnybody(folder: string, name: string): string {
  chmodSync(folder, 0o755);
  const path = join(folder, name);
  mkdirSync(path);
  chownSync(path, nobody, nobody);
  return path;
}

const changeUser = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
const homeless = ["env", "--unset=XDG_CACHE_HOME", "HOME=/nonexistent"];

/**
 * Runs the program as a user of no privilege, who has no home either: a copy of it in this folder of the test's, since the user
 * may not be allowed into the clone.
 */
export function asNobody(folder: string): string[] {
  chmodSync(folder, 0o755);
  const copy = copyProgram(join(folder, "program"));
  return [...changeUser, ...homeless, "sh", "-ec", inPlaceOf, join(import.meta.dirname, "../../bin/mkimage"), copy];
}

/** The word that is the first of these two becomes the second, wherever it stands; programs start where all may be. */
const inPlaceOf = `cd /; copy=$1; shift
  for word; do shift; [ "$word" != "$0" ] || word=$copy; set -- "$@" "$word"; done
  exec "$@"`;

/** Deadlines are measured by a clock that has no date. */
const ownClockOfWaits = { FAKETIME_DONT_FAKE_MONOTONIC: "1", NO_FAKE_STAT: "1" };

function inMountNamespace(command: string): string[] {
  return ["unshare", "--mount", "sh", "-ec", `${command}; exec "$@"`, "sh"];
}

/** A copy of store paths in which equal files are one, as `nix-store --optimise` makes them. */
function hardLinkedStore(closure: readonly string[], folder: string): string {
  mkdirSync(folder);
  const options = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
  for (const path of closure) cpSync(path, join(folder, path.slice("/nix/store/".length)), options);
  execFileSync("hardlink", ["--quiet", "--ignore-time", "--minimum-size", "1", folder]);
  if (!hasLinks(folder)) throw new Error("no two files of the closure are equal: nothing is hard-linked");
  return folder;
}

function hasLinks(folder: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).nlink > 1,
  );
}

/** The output of nixpkgs' closureInfo. */
function closureInfo(closure: readonly string[], folder: string): string {
  const path = join(folder, "closure-info");
  mkdirSync(path, { mode: 0o755 });
  const registration = execFileSync("nix-store", ["--dump-db", ...closure], {
    env: { ...process.env, ...offlineNix },
    maxBuffer: 2 ** 28,
  });
  writeFileSync(join(path, "registration"), registration);
  writeFileSync(join(path, "store-paths"), `${closure.join("\n")}\n`);
  return path;
}

function lines(file: string, ...arguments_: readonly string[]): string[] {
  return execFileSync(file, arguments_, { encoding: "utf8", env: { ...process.env, ...offlineNix } })
    .trim()
    .split("\n");
}
