import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Where we keep, from run to run, what can be made again: `mkimage` in the user's cache folder. It may not exist yet. A build
 * of Nix's has a folder of its own, which goes with it.
 */
export function cacheFolder(): string {
  const caches = process.env["XDG_CACHE_HOME"] ?? join(isInNixBuild() ? tmpdir() : homedir(), ".cache");
  return join(caches, "mkimage");
}

/** The same, where it is there for the next run as well. */
export function keptFolder(): string | undefined {
  return isInNixBuild() ? undefined : cacheFolder();
}

/** Source: Nix's manual, on the environment of builders: their home is a path that does not exist. */
function isInNixBuild(): boolean {
  return homedir() === "/homeless-shelter";
}
