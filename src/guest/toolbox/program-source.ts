import { existsSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { findTool, lookUpTool, packagesOf, type Tool } from "../../runtime/tools.ts";

/** Where a guest's programs are found. */
export interface ProgramSource {
  /** The path of a program; throws MkimageError MISSING_TOOL where there is none, naming the package. */
  readonly find: (tool: Tool) => string;
  readonly lookUp: (tool: Tool) => string | undefined;
}

/** The programs of a store path, or this machine's where there is none. */
export function programSource(storePath: string | undefined): ProgramSource {
  return storePath === undefined ? { find: findTool, lookUp: lookUpTool } : storePrograms(storePath);
}

/** Nothing of it is run here: it may be for another processor. */
function storePrograms(storePath: string): ProgramSource {
  const lookUp = (tool: Tool) => lookUpIn(storePath, tool);
  const find = (tool: Tool) => {
    const path = lookUp(tool);
    if (path !== undefined) return path;
    throw new MkimageError("MISSING_TOOL", `the toolbox ${storePath} has no bin/${tool}`, {
      hint: `put it in, and give the toolbox anew: ${packagesOf(tool)}`,
    });
  };
  return { find, lookUp };
}

/** The path of any program in a store path. */
export function lookUpIn(storePath: string, name: string): string | undefined {
  return ["bin", "sbin"].map((folder) => join(storePath, folder, name)).find(existsSync);
}
