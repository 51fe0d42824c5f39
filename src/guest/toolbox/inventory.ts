import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import type { Tool } from "../../process/tools.ts";
import { findTool } from "../../process/tools.ts";
import { type Closure, queryClosure } from "../../system/closure.ts";
import { storePathOf } from "../../system/store-path.ts";
import { librariesOf } from "./libraries.ts";

/** What a toolbox is made of. */
export interface Inventory {
  /** Each tool, and the program that it is, links followed. */
  readonly programs: ReadonlyMap<Tool, string>;
  /** Files of this machine by the path at which a guest looks for them. */
  readonly files: readonly string[];
  /** The store paths of tools that Nix built, with all that they refer to. */
  readonly closure: Closure;
}

/**
 * Finds the tools on this machine, and what they cannot do without: the libraries that they load, or the closure of those
 * in the Nix store.
 *
 * @throws MkimageError MISSING_TOOL naming the package; RESOLVE_FAILED when Nix cannot be asked.
 */
export async function takeInventory(tools: readonly Tool[], signal?: AbortSignal): Promise<Inventory> {
  const programs = new Map([...new Set(tools)].toSorted().map((tool) => [tool, realpathSync(findTool(tool))]));
  const paths = [...new Set(programs.values())];
  const built = paths.flatMap((path) => storePathOf(path) ?? []);
  const installed = paths.filter((path) => storePathOf(path) === undefined);
  const libraries = await librariesOf(installed, signal);
  return {
    programs,
    files: [...installed, ...libraries],
    closure: await queryClosure([...new Set(built)], { signal }),
  };
}

/** A name for the contents of a toolbox: another one for other contents. Store paths never change, so they are not read. */
export function fingerprint({ programs, files, closure }: Inventory): string {
  const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  const contents = [
    [...programs],
    files.map((path) => [path, digest(path)]),
    closure.paths.map(({ path }) => path),
    layoutVersion,
  ];
  return createHash("sha256").update(JSON.stringify(contents)).digest("hex").slice(0, 32);
}

/** Counts up when the same inventory is laid out in another way. */
const layoutVersion = 1;
