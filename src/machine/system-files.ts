import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** Where the kernel shows itself. Tests point these at captured trees. */
export interface SystemFolders {
  readonly sys: string;
  readonly proc: string;
  readonly dev: string;
  /** Where all else of the machine is, as far as it is there. */
  readonly root: string;
}

export const runningSystem: SystemFolders = { sys: "/sys", proc: "/proc", dev: "/dev", root: "/" };

/** The trimmed text of a small file of the kernel's, or undefined where there is none or it is empty. */
export function readText(path: string): string | undefined {
  const text = readIfThere(path)?.toString("utf8").trim();
  return text === "" ? undefined : text;
}

/** The bytes of a file, or undefined where there is none or the device behind it does not answer. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** The names in a folder, sorted; none where there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The path with every symlink resolved, or undefined where it leads nowhere. */
export function resolvedPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The path of a file on its machine with every symlink resolved, or undefined where it leads nowhere. */
export function resolvedOn({ root }: SystemFolders, path: string): string | undefined {
  const place = resolvedPath(join(root, path));
  const top = resolvedPath(root);
  if (place === undefined || top === undefined || top === "/") return place;
  return place === top ? "/" : place.slice(top.length);
}
