import { join, sep } from "node:path";
import { type Bytes, KiB } from "../base/units.ts";
import { readText, type SystemFolders } from "./system-files.ts";

/** A mounted filesystem. `number` is `8:1`, or `0:N` for filesystems that span devices or have none. */
export interface Mount {
  readonly number: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  /** The folder or the subvolume of the filesystem that is mounted. */
  readonly root: string;
  /** Those of the mount, and then those of the filesystem. */
  readonly options: readonly string[];
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

/** A file or a device that the kernel swaps to. A priority below zero is one that nobody has chosen. */
interface SwapSpace {
  readonly path: string;
  /** With the page that says what it is. */
  readonly size: Bytes;
  readonly priority: number;
}

/** The paths of files and devices that the kernel swaps to. */
export function readSwaps(folders: SystemFolders): string[] {
  return readSwapSpaces(folders).map(({ path }) => path);
}

/** The first page of swap space, in KiB, on all but some machines with larger pages. */
const swapPage = 4;

/** Source: proc_swaps(5). */
export function readSwapSpaces(folders: SystemFolders): SwapSpace[] {
  const lines = readText(join(folders.proc, "swaps"))?.split("\n").slice(1) ?? [];
  const words = lines.map((line) => line.split(/\s+/));
  return words
    .map(([path = "", , size, , priority]) => {
      return { path: unescapeOctal(path), size: (Number(size) + swapPage) * KiB, priority: Number(priority ?? -1) };
    })
    .filter(({ path }) => path !== "");
}

function parseMount(line: string): Mount | undefined {
  const [before = "", after] = line.split(" - ");
  const [, , number, root = "/", mountPoint, own = ""] = before.split(" ");
  const [type, source, shared = ""] = after?.split(" ") ?? [];
  if (number === undefined || mountPoint === undefined || type === undefined || source === undefined) return undefined;
  const options = [...own.split(","), ...shared.split(",")].filter((option) => option !== "");
  return {
    number,
    mountPoint: unescapeOctal(mountPoint),
    type,
    source: unescapeOctal(source),
    root: unescapeOctal(root),
    options,
  };
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
