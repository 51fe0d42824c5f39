import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { isTool, lookUpProgram, packagesOf, type Tool } from "../../runtime/tools.ts";
import { storePathOf } from "../../nix/store-path.ts";
import type { InventoryRequest, Parts } from "./inventory.ts";
import { librariesOf } from "./libraries.ts";
import { needsOf, pluginFolderOf } from "./needs.ts";
import { programSource } from "./program-source.ts";
import { interpreterOf } from "./shebang.ts";
import { linkAt } from "./trace.ts";
import { withStarted } from "./with-started.ts";

/**
 * Tools of this machine, with what they read, load and start. Of those that Nix built only the store paths are named.
 *
 * @throws MkimageError MISSING_TOOL naming the package of what is not there.
 */
export async function localParts({ tools, executables = [] }: InventoryRequest, signal?: AbortSignal): Promise<Parts> {
  const started = withStarted(tools, programSource(undefined));
  const interpreters = interpretersOf([...[...started.values()].filter(isInstalled), ...executables]);
  const programs = new Map([...started, ...interpreters.searched]);
  const paths = [...programs.values(), ...interpreters.paths, ...[...started].flatMap(calledBy)];
  const installed = paths.filter(isInstalled);
  const libraries = await librariesOf([...installed, ...executables.filter(isInstalled)].filter(isBinary), signal);
  const plugins = libraries.flatMap(pluginsBeside);
  const data = [...started].flatMap(([tool, path]) => (isInstalled(path) ? dataOf(tool) : []));
  const files = [...installed, ...libraries, ...plugins, ...(await librariesOf(plugins, signal)), ...data];
  return {
    programs: new Map([...programs].map(([name, path]) => [name, realpathSync(path)])),
    files: [...new Set(files)].toSorted(),
    links: new Map([...foldersByTwoNames(), ...interpreters.paths.flatMap(linkToStore)]),
    storePaths: paths.flatMap((path) => storePathOf(realpathSync(path)) ?? []),
  };
}

/** Programs call each other by either name of a folder: `/sbin/dmsetup` is in `/usr/sbin`. */
function foldersByTwoNames(): [string, string][] {
  const names = ["bin", "lib", "lib64", "sbin"].map((name) => `/${name}`);
  return names.flatMap((path): [string, string][] => {
    const target = linkAt(path);
    return target === undefined ? [] : [[path, target]];
  });
}

function isInstalled(path: string): boolean {
  return storePathOf(realpathSync(path)) === undefined;
}

/** Programs that Nix built have them in their closure. */
function calledBy([tool, path]: readonly [Tool, string]): string[] {
  return isInstalled(path) ? (needsOf(tool).mayCall ?? []).filter((called) => existsSync(called)) : [];
}

function isBinary(path: string): boolean {
  return interpreterOf(path) === undefined;
}

/** The interpreters of those that are scripts, and the programs that `env` looks up for them. */
function interpretersOf(programs: readonly string[]): { paths: string[]; searched: Map<string, string> } {
  const found = programs.flatMap((path) => interpreterOf(path) ?? []);
  const names = [...new Set(found.flatMap(({ searched }) => searched ?? []))];
  return {
    paths: [...new Set(found.map(({ path }) => existing(path)))],
    searched: new Map(names.map((name) => [name, existing(lookUpProgram(name) ?? name)])),
  };
}

/** On NixOS `/bin/sh` and `/usr/bin/env` are links, and what they lead to comes with its closure. */
function linkToStore(path: string): [string, string][] {
  return storePathOf(path) === undefined && !isInstalled(path) ? [[path, realpathSync(path)]] : [];
}

function existing(path: string): string {
  if (existsSync(path)) return path;
  const name = basename(path);
  const packages = isTool(name) ? packagesOf(name) : `the package that has ${name}`;
  throw new MkimageError("MISSING_TOOL", `${path}, which runs a script, is not installed`, {
    hint: `install it: ${packages}`,
  });
}

function pluginsBeside(library: string): string[] {
  const name = pluginFolderOf(basename(library));
  const folder = join(dirname(library), name ?? "");
  return name === undefined || !existsSync(folder) ? [] : filesIn(folder);
}

function dataOf(tool: Tool): string[] {
  const { data = [], mayRead = [] } = needsOf(tool);
  const missing = data.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new MkimageError("MISSING_TOOL", `${tool} is of no use without ${missing.join(", ")}`, {
      hint: `install it again: ${packagesOf(tool)}`,
    });
  }
  return [...data, ...mayRead.filter((path) => existsSync(path))].flatMap(filesIn);
}

/** A file itself, or all the files in a folder, at any depth. */
function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}
