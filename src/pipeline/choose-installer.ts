import { realpathSync } from "node:fs";
import { ownArchitecture } from "../guest/architecture.ts";
import { lookUpIn, programSource } from "../guest/toolbox/program-source.ts";
import { programOfSystem } from "../nix/program-of-system.ts";
import { storePathOf } from "../nix/store-path.ts";
import type { Request } from "../request/schema.ts";
import { lookUpProgram } from "../runtime/tools.ts";
import { chooseOwnInstaller, type FoundInstaller, nixTools } from "./plan/own-installer.ts";
import type { InstalledSystem, OwnInstaller } from "./plan/source.ts";
import { toolboxPathOf } from "./toolbox-path.ts";

/**
 * Finds the `nixos-install` that is to install a system; `undefined` where mkimage does it. It is looked for in the
 * system's own path, then in the toolbox, or in this machine's PATH.
 *
 * @throws MkimageError BAD_REQUEST with everything that is missing for it.
 */
export function chooseInstaller(
  request: Request,
  system: InstalledSystem | undefined,
): Omit<OwnInstaller, "before"> | undefined {
  if (request.installer === "built-in" || system === undefined) return undefined;
  return chooseOwnInstaller(findInstaller(system, toolboxPathOf(request)));
}

function findInstaller({ toplevel, architecture }: InstalledSystem, toolbox: string | undefined): FoundInstaller {
  const { lookUp } = programSource(toolbox);
  return {
    toplevel,
    architecture,
    programsFor: toolbox === undefined ? ownArchitecture() : "any",
    inSystem: programOfSystem(toplevel, "nixos-install"),
    elsewhere: installerElsewhere(toolbox),
    systemHasNix: programOfSystem(toplevel, "nix-env") !== undefined,
    nixTools: nixTools.filter((tool) => lookUp(tool) !== undefined),
  };
}

/** Only a program of the store comes with everything that it calls. */
function installerElsewhere(toolbox: string | undefined): FoundInstaller["elsewhere"] {
  const found = toolbox === undefined ? lookUpProgram("nixos-install") : lookUpIn(toolbox, "nixos-install");
  const program = found === undefined ? undefined : realpathSync(found);
  const storePath = program === undefined ? undefined : storePathOf(program);
  return program === undefined || storePath === undefined ? undefined : { program, storePath };
}
