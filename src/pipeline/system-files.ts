import { buildRoot, buildStoreRoot } from "../manifest/build-root.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { readStore } from "../manifest/read-store.ts";
import { RememberedTrees } from "../manifest/remembered/remembered-trees.ts";
import { type Closure, queryClosure, readClosureInfo } from "../nix/closure.ts";
import { writeDatabase } from "../nix/database.ts";
import type { NixOptions } from "../nix/nix.ts";
import { storePathAt } from "../nix/store-path-at.ts";
import type { Request } from "../request/schema.ts";
import { readConfiguration, timestamp } from "./added-files.ts";
import type { BuildContext } from "./context.ts";
import type { InstalledSystem } from "./plan/source.ts";

/** The closure of some store paths, of Nix or of the folder that a request has for it. */
export async function closureOf(roots: readonly string[], request: Request, options: NixOptions): Promise<Closure> {
  return request.closureInfo === undefined ? queryClosure(roots, options) : readClosureInfo(request.closureInfo, roots);
}

/** The files of a system, or of a closure alone, before anything else is put in. */
export async function systemFiles(
  request: Request,
  system: InstalledSystem | undefined,
  closure: Closure,
  scratchFolder: string,
  { time, cache }: BuildContext,
): Promise<DirectoryInode> {
  const store = await readStore(closure, cache === undefined ? undefined : new RememberedTrees(cache));
  if (system === undefined || request.onlyNixStore) return buildStoreRoot(store, timestamp(time));
  return buildRoot({
    store,
    database: writeDatabase(closure.paths, { registrationTime: Math.max(1, time), scratchFolder }),
    toplevel: system.toplevel,
    channel: request.channel === undefined ? undefined : storePathAt(request.channel),
    configuration: request.configFile === undefined ? undefined : readConfiguration(request.configFile),
    time: timestamp(time),
  });
}
