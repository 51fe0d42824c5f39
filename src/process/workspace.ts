import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dir } from "tmp-promise";

/** Every temporary folder of ours begins with this, our pid and a random part. */
const mark = ".mkimage";

/** A hidden folder for what is being made. */
export interface Workspace {
  readonly folder: string;
  /** Says which files outside of the folder are unfinished as long as it is there: they go with it if we are killed. */
  claim(paths: readonly string[]): void;
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
  const { path } = await dir({ tmpdir: parent, prefix: mark, mode: 0o700 });
  return {
    folder: path,
    claim: (paths) => writeFileSync(join(path, claimsName), JSON.stringify(paths)),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
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
  for (const path of claimsOf(folder)) rmSync(path, { force: true });
  rmSync(folder, { recursive: true, force: true });
}

function claimsOf(folder: string): string[] {
  try {
    return JSON.parse(readFileSync(join(folder, claimsName), "utf8")) as string[];
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
