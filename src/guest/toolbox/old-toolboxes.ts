import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** How long a toolbox is kept that nobody uses. */
const keptDays = 30;

/** A toolbox's time is when it was used last; in a folder that is not ours to write to it stays what it is. */
export function markUsed(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // It is only forgotten sooner.
  }
}

/** Removes the toolboxes of a cache folder that were not used for 30 days. A guest that has one open keeps it. */
export function removeOldToolboxes(folder: string): void {
  const oldest = Date.now() - keptDays * 24 * 60 * 60 * 1000;
  const names = readdirSync(folder).filter((name) => /^toolbox-[0-9a-f]{32}$/.test(name));
  for (const path of names.map((name) => join(folder, name))) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.mtimeMs > oldest) continue;
    rmSync(path, { force: true });
    rmSync(`${path}.proven`, { force: true });
  }
}
