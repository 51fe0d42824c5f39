import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { MiB, type Bytes } from "../base/units.ts";
import type { SystemFolders } from "../machine/system-files.ts";

/** A machine, as it described itself through `factsScript`. */
export interface RemoteFacts {
  /** The kind of thing at the path that was asked for. */
  readonly kind: "block" | "other" | "nothing";
  /** Its device number, `8:16`. */
  readonly number: string;
  /** The programs that are there; `fullblock` where dd can wait for whole blocks, `signatures` where wipefs told them. */
  readonly tools: ReadonlySet<string>;
  /** The output of wipefs for the device and its partitions. */
  readonly signatures: string;
  /** The output of pvs. */
  readonly groups: string;
}

/** More than any machine has to say. */
export const factsLimit: Bytes = 16 * MiB;

/** A machine with a thousand disks has thirty thousand. */
const mostRecords = 200_000;

/**
 * Lays what a machine said of itself into a folder, so that whatever reads the kernel's files of this machine reads those
 * of the other one. The machine is not trusted: nothing is made outside of the folder.
 *
 * @throws MkimageError REMOTE_FAILED when it does not say all.
 */
export function takeSnapshot(
  output: string,
  root: string,
): { readonly facts: RemoteFacts; readonly folders: SystemFolders } {
  if (output.length > factsLimit || !output.endsWith("\nE\n")) throw incomplete(output);
  const records = output.split("\n").map((line) => line.split("\t"));
  if (records.length > mostRecords) throw incomplete(output);
  const of = (kind: string) => records.filter(([first]) => first === kind);
  for (const [path, lines] of Map.groupBy(of("T"), ([, file = ""]) => file))
    write(root, path, lines.map(([, , ...text]) => `${text.join("\t")}\n`).join(""));
  for (const [, path = "", hex = ""] of of("X")) write(root, path, Buffer.from(hex, "hex"));
  for (const [, path = ""] of of("D")) place(root, path, (at) => mkdirSync(at, { recursive: true }));
  for (const [, path = "", target = ""] of of("L")) link(root, path, target);
  for (const [, path = "", real = ""] of of("R")) linkSystemPath(root, path, real);
  const [, kind, number = ""] = of("K")[0] ?? [];
  if (kind !== "block" && kind !== "other" && kind !== "nothing") throw incomplete(output);
  const texts = (type: string) => of(type).map(([, ...text]) => text.join("\t"));
  return {
    facts: {
      kind,
      number,
      tools: new Set(texts("W")),
      signatures: texts("S").join("\n"),
      groups: texts("G").join("\n"),
    },
    folders: { root, sys: join(root, "sys"), proc: join(root, "proc"), dev: join(root, "dev") },
  };
}

function incomplete(output: string): MkimageError {
  return new MkimageError("REMOTE_FAILED", "the machine did not say all that was asked of it", {
    details: output.split("\n").slice(-5),
    hint: "its shell must be POSIX's, with od, readlink and tr (coreutils or busybox)",
  });
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
