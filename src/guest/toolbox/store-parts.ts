import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { storePathOf } from "../../nix/store-path.ts";
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
  const interpreters = executables.flatMap((path) => interpreterOf(path) ?? []);
  const searched = interpreters.flatMap(({ searched: name }) => name ?? []);
  return {
    programs: new Map([
      ...withStarted(tools, programSource(storePath)),
      ...searched.map((name) => [name, programIn(storePath, name)] as const),
    ]),
    files: [],
    links: new Map([
      ...interpreters.flatMap(({ path }) => linkToOwn(path, storePath)),
      ...(existsSync(rules) ? [["/usr/lib/udev/rules.d", rules] as const] : []),
    ]),
    storePaths: [storePath],
  };
}

/** Programs that scripts expect at fixed places; one in the store is there with the script. */
function linkToOwn(path: string, storePath: string): [string, string][] {
  return storePathOf(path) === undefined ? [[path, programIn(storePath, basename(path))]] : [];
}

function programIn(storePath: string, name: string): string {
  const path = lookUpIn(storePath, name);
  if (path !== undefined) return path;
  throw new MkimageError("MISSING_TOOL", `the toolbox ${storePath} has no bin/${name}, which runs a script`, {
    hint: "put it in, and give the toolbox anew",
  });
}
