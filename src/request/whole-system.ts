import type { Request } from "./schema.ts";

/** Whether the bootloader is to be installed: unless told otherwise, wherever there is a whole system. */
export function installsBootLoader(request: Request): boolean {
  return request.installBootLoader ?? !(request.onlyNixStore || request.root !== undefined);
}

/** Whether an option is about a system, so that there has to be one. */
export function needsSystem(request: Request): boolean {
  const isOfSystem = request.touchEfiVars || request.diskoScript === "auto" || request.installer === "nixos-install";
  return Object.values(optionsOfSystem(request)).includes(true) || isOfSystem;
}

/** The options that are about a system, each with whether it asks for something. */
export function optionsOfSystem(request: Request): Partial<Record<keyof Request, boolean>> {
  return {
    file: request.file !== undefined,
    closureInfo: request.closureInfo !== undefined,
    onlyNixStore: request.onlyNixStore,
    channel: request.channel !== undefined,
    additionalPaths: request.additionalPaths.length > 0,
    configFile: request.configFile !== undefined,
    installBootLoader: request.installBootLoader === true,
  };
}
