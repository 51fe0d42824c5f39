import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { InventoryRequest, Parts } from "./inventory.ts";
import { lookUpIn, programSource } from "./program-source.ts";
import { interpreterOf } from "./shebang.ts";
import { withStarted } from "./with-started.ts";

/**
 * The tools of a store path such as nixpkgs' `buildEnv` makes.
 *
 * @throws MkimageError MISSING_TOOL naming what is to be added to it.
 */
export function storeParts({ tools, executables = [] }: InventoryRequest, storePath: string): Parts {
  const rules = join(storePath, "lib/udev/rules.d");
  const interpreters = executables.flatMap((path) => interpreterOf(path)?.path ?? []);
  return {
    programs: withStarted(tools, programSource(storePath)),
    files: [],
    links: new Map([
      ...interpreters.flatMap((path) => linkToOwn(path, storePath)),
      ...(existsSync(rules) ? [["/usr/lib/udev/rules.d", rules] as const] : []),
    ]),
    storePaths: [storePath],
  };
}

/** Programs that scripts expect at fixed places. */
function linkToOwn(path: string, storePath: string): [string, string][] {
  const own = lookUpIn(storePath, basename(path));
  return own === undefined ? [] : [[path, own]];
}
