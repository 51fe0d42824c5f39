import { join, sep } from "node:path";
import { readText, type SystemFolders } from "./system-files.ts";

/** A mounted filesystem. `number` is `8:1`, or `0:N` for filesystems that span devices or have none. */
export interface Mount {
  readonly number: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
}

/**
 * The mounts that this process sees, in the order in which they were made.
 *
 * Source: proc_pid_mountinfo(5).
 */
export function readMounts(folders: SystemFolders): Mount[] {
  const lines = readText(join(folders.proc, "self/mountinfo"))?.split("\n") ?? [];
  return lines.map(parseMount).filter((mount) => mount !== undefined);
}

/** The mount that holds an absolute path without symlinks: the innermost, and of several the newest. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  const around = mounts.filter((mount) => isInside(path, mount.mountPoint));
  return around.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.mountPoint.length >= best.mountPoint.length ? mount : best),
    undefined,
  );
}

/** The paths of files and devices that the kernel swaps to. Source: proc_swaps(5). */
export function readSwaps(folders: SystemFolders): string[] {
  const lines = readText(join(folders.proc, "swaps"))?.split("\n").slice(1) ?? [];
  return lines.map((line) => unescapeOctal(line.split(/\s+/, 1)[0] ?? "")).filter((path) => path !== "");
}

function parseMount(line: string): Mount | undefined {
  const [before = "", after] = line.split(" - ");
  const [, , number, , mountPoint] = before.split(" ");
  const [type, source] = after?.split(" ") ?? [];
  if (number === undefined || mountPoint === undefined || type === undefined || source === undefined) return undefined;
  return { number, mountPoint: unescapeOctal(mountPoint), type, source: unescapeOctal(source) };
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
