import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Tool } from "../../runtime/tools.ts";
import { type Closure, programClosure } from "../../nix/closure.ts";
import { localParts } from "./local-parts.ts";
import { storeParts } from "./store-parts.ts";

/** The parts of a toolbox. */
export interface Inventory {
  /** Each program by its name, at the path that it has in a guest. */
  readonly programs: ReadonlyMap<string, string>;
  /** Files of this machine by the path at which a guest looks for them. */
  readonly files: readonly string[];
  /** Further links of a guest, to what they lead. */
  readonly links: ReadonlyMap<string, string>;
  /** The store paths of what Nix built, with all that they refer to. */
  readonly closure: Closure;
}

/** An inventory before Nix was asked what its store paths refer to. */
export interface Parts extends Omit<Inventory, "closure"> {
  readonly storePaths: readonly string[];
}

/** The programs that a guest runs, and store paths that it needs besides. */
export interface InventoryRequest {
  readonly tools: readonly Tool[];
  /** A store path whose `bin` has the tools. Default: they are this machine's. */
  readonly storePath?: string | undefined;
  /** Programs that a job brings along itself: their interpreters and libraries are wanted. */
  readonly executables?: readonly string[];
  /** Store paths that are wanted besides. */
  readonly storePaths?: readonly string[];
  /** A folder that knows the closures of store paths, where Nix may not be there to be asked. */
  readonly closureInfo?: string | undefined;
}

/**
 * Finds tools, and what they cannot do without: libraries, plugins, data and further programs, or the closure of what Nix
 * built.
 *
 * @throws MkimageError MISSING_TOOL naming the package; RESOLVE_FAILED when Nix cannot be asked.
 */
export async function takeInventory(request: InventoryRequest, signal?: AbortSignal): Promise<Inventory> {
  const { storePath, storePaths: wanted = [], closureInfo } = request;
  const parts = storePath === undefined ? await localParts(request, signal) : storeParts(request, storePath);
  const { storePaths, ...inventory } = parts;
  const links = new Map([...parts.links, ...mountHelpers(parts)]);
  return {
    ...inventory,
    links,
    closure: await programClosure([...new Set([...storePaths, ...wanted])].toSorted(), closureInfo, { signal }),
  };
}

/** `mount` looks for what mounts a filesystem in its place in one folder alone. Source: mount(8), "EXTERNAL HELPERS". */
function mountHelpers({ programs, links }: Parts): [string, string][] {
  const folder = resolve("/", links.get("/sbin") ?? "sbin");
  return [...programs].flatMap(([name, path]): [string, string][] => {
    const place = join(folder, name);
    return name.startsWith("mount.") && place !== path ? [[place, path]] : [];
  });
}

/** A name for the contents of a toolbox: another one for other contents. Store paths never change, so they are not read. */
export function fingerprint({ programs, files, links, closure }: Inventory): string {
  const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  const contents = [
    [...programs],
    files.map((path) => [path, realpathSync(path), digest(path)]),
    [...links],
    closure.paths.map(({ path }) => path),
    layoutVersion,
  ];
  return createHash("sha256").update(JSON.stringify(contents)).digest("hex").slice(0, 32);
}

/** Counts up when the same inventory is laid out in another way. */
const layoutVersion = 2;
