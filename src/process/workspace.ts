import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { dir } from "tmp-promise";
import { takesNone } from "./make-folder.ts";

/** Every temporary folder of ours begins with this, our pid and a random part. */
const mark = ".mkimage";

/** A hidden folder for what is being made. */
export interface Workspace {
  readonly folder: string;
  /** Says that files of it are about to be renamed into a folder: they go with the workspace if we are killed. */
  claim(files: readonly { readonly path: string; readonly name: string }[], folder: string): void;
  remove(): void;
}

/** The list of what a workspace has claimed, inside it. */
const claimsName = "claims.json";

/**
 * Makes a hidden folder inside `parent`, on the same filesystem as what will be renamed out of it, and removes those
 * that dead processes left there and among the temporary files.
 */
export async function openWorkspace(parent: string): Promise<Workspace> {
  for (const place of new Set([parent, tmpdir()])) removeLeftovers(place);
  const path = await makeHidden(parent);
  return {
    folder: path,
    claim: (files, folder) =>
      writeFileSync(join(path, claimsName), JSON.stringify(files.map((file) => claimOf(file, folder)))),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

async function makeHidden(parent: string): Promise<string> {
  try {
    return (await dir({ tmpdir: parent, prefix: mark, mode: 0o700 })).path;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? takesNone(parent) : error;
  }
}

/** As `openWorkspace`, in the folder for temporary files: its path is short enough for a Unix socket. */
export function openTemporaryWorkspace(): Promise<Workspace> {
  return openWorkspace(tmpdir());
}

/** Removes our hidden folders in `parent` whose process has ended, as after SIGKILL. */
export function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = /^\.mkimage-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeOurs(join(parent, name));
  }
}

/** In a shared folder the leftovers of another user are theirs to remove. */
function removeOurs(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) return;
  for (const claim of claimsOf(folder)) giveUp(claim);
  rmSync(folder, { recursive: true, force: true });
}

/** A file is known by its number, which a rename keeps: by now another may stand under its name. */
interface Claim {
  readonly path: string;
  readonly inode: number;
}

function claimOf({ path, name }: { readonly path: string; readonly name: string }, folder: string): Claim {
  return { path: resolve(folder, name), inode: lstatSync(path).ino };
}

function giveUp({ path, inode }: Claim): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) rmSync(path);
}

function claimsOf(folder: string): Claim[] {
  try {
    return JSON.parse(readFileSync(join(folder, claimsName), "utf8")) as Claim[];
  } catch {
    return [];
  }
}

/** One that has ended stays in the table of processes until its parent has asked for it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return !hasEnded(pid);
}

/** Source: proc_pid_stat(5). A program's name may have any characters in it, and is the only field in parentheses. */
function hasEnded(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return /^ [ZXx]/.test(text.slice(text.lastIndexOf(")") + 1));
  } catch {
    return false;
  }
}
