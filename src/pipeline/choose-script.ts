import { accessSync, constants, readFileSync, realpathSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import type { Request } from "../request/schema.ts";
import type { Configuration } from "../nix/configuration.ts";
import type { NixOptions } from "../nix/nix.ts";
import { buildDiskoScript } from "../nix/disko-script.ts";
import type { Script } from "./plan/source.ts";

/**
 * The executable that makes the disks of a request in place of our own steps; `undefined` where there is none to.
 *
 * @throws MkimageError BAD_REQUEST when it cannot be run, or the system has none; RESOLVE_FAILED.
 */
export async function chooseScript(
  { diskoScript }: Request,
  configuration: Configuration | undefined,
  options: NixOptions,
): Promise<Script | undefined> {
  if (diskoScript === undefined) return undefined;
  if (diskoScript !== "auto") return scriptAt(executableAt(diskoScript));
  if (configuration !== undefined) return scriptAt(await buildDiskoScript(configuration, options));
  throw new MkimageError("BAD_REQUEST", "disko's script is asked of an evaluated configuration, and this is none", {
    hint: "name the system by its flake or its file, or the script by its path: --disko-script PATH",
  });
}

function scriptAt(path: string): Script {
  return { path, text: readFileSync(path, "latin1") };
}

function executableAt(path: string): string {
  try {
    accessSync(path, constants.X_OK);
    return realpathSync(path);
  } catch (cause) {
    throw new MkimageError("BAD_REQUEST", `the script ${path} cannot be run: ${(cause as Error).message}`, {
      cause,
      hint: "name a file that may be executed",
    });
  }
}
