import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import type { SystemFolders } from "../machine/system-files.ts";
import { type MachineRecords, textsIn } from "./records.ts";

/**
 * Lays what a machine said of itself into a folder, so that whatever reads the kernel's files of this machine reads those
 * of the other one. The machine is not trusted: nothing is made outside of the folder.
 */
export function takeSnapshot(records: MachineRecords, root: string): SystemFolders {
  for (const [path, text] of textsIn(records)) write(root, path, text);
  for (const [path = "", hex = ""] of records.of("X")) write(root, path, Buffer.from(hex, "hex"));
  for (const [path = ""] of records.of("D")) place(root, path, (at) => mkdirSync(at, { recursive: true }));
  for (const [path = "", target = ""] of records.of("L")) link(root, path, target);
  for (const [path = "", real = ""] of records.of("R")) linkSystemPath(root, path, real);
  return { root, sys: join(root, "sys"), proc: join(root, "proc"), dev: join(root, "dev") };
}

/** Calls with the place of a file of the machine, if it is one of the kernel's, and nothing is there yet. */
function place(root: string, path: string, make: (at: string) => void): void {
  if (!isPlain(path) || !/^\/(sys|proc|dev)\/./.test(path)) return;
  const at = join(root, path);
  try {
    mkdirSync(dirname(at), { recursive: true });
    make(at);
  } catch (error) {
    if (!contradictions.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** Two records that contradict each other: the first one holds. */
const contradictions = new Set(["EEXIST", "ENOTDIR", "EISDIR", "ELOOP", "ENOENT", "ENAMETOOLONG"]);

/** Whether a path is absolute and leads nowhere but where it says. */
function isPlain(path: string): boolean {
  const isShort = path.length <= 1000 && !path.includes("\0");
  return isShort && path.startsWith("/") && normalize(path) === path && (path === "/" || !path.endsWith("/"));
}

function write(root: string, path: string, content: string | Uint8Array): void {
  place(root, path, (at) => writeFileSync(at, content, { flag: "wx" }));
}

/** Links stay inside of the device folder. */
function link(root: string, path: string, target: string): void {
  const leadsTo = normalize(join(target.startsWith("/") ? "/" : dirname(path), target));
  if (!path.startsWith("/dev/") || !leadsTo.startsWith("/dev/")) return;
  place(root, path, (at) => symlinkSync(join(root, leadsTo), at));
}

/** A folder of the system that is a link leads to what it is really in. */
function linkSystemPath(root: string, path: string, real: string): void {
  if (!isPlain(path) || !isPlain(real)) return;
  try {
    mkdirSync(join(root, real), { recursive: true });
    if (path === real) return;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(join(root, real), join(root, path));
  } catch (error) {
    if (!contradictions.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
