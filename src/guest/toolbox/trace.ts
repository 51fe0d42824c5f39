import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { storeFolder } from "../../nix/store-path.ts";

/** A path of this machine, as a guest has to have it so that the same path leads to the same file. */
interface Trace {
  /** The links on the way, by their own paths, and what they lead to as it is written. */
  readonly links: ReadonlyMap<string, string>;
  /** The path of the file itself, with no link in it. */
  readonly end: string;
}

/**
 * Follows the links of a path that exists: such as `/sbin` in `/sbin/lvcreate`, and `lvcreate` there. A link into the Nix
 * store leads to the file itself, and not to a profile that has everything of a system.
 */
export function trace(path: string): Trace {
  const end = realpathSync(path);
  const links = new Map<string, string>();
  const waiting = partsOf(path);
  let here = "/";
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const next = join(here, name);
    if (isInStore(next)) break;
    const target = linkAt(next);
    if (target === undefined) {
      here = next;
      continue;
    }
    if (isInStore(resolve(dirname(next), target)))
      return { links: waiting.length > 0 ? links : links.set(next, end), end };
    links.set(next, target);
    if (target.startsWith("/")) here = "/";
    waiting.unshift(...partsOf(target));
  }
  return { links, end };
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** Reads the target of a symbolic link as it is written; `undefined` where there is no link. */
export function linkAt(path: string): string | undefined {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? readlinkSync(path) : undefined;
}

function isInStore(path: string): boolean {
  return path.startsWith(`${storeFolder}/`);
}
