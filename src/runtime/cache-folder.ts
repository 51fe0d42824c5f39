import { homedir } from "node:os";
import { join } from "node:path";

/** Where we keep, from run to run, what can be made again: `mkimage` in the user's cache folder. It may not exist yet. */
export function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mkimage");
}
