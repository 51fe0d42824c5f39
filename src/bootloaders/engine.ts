import { MkimageError } from "../base/errors.ts";
import type { BootMounts, HostInstaller } from "./host-installer.ts";
import type { Installer } from "./installer.ts";

/** The parts of a request that decide where the bootloader is installed. */
export interface EngineRequest {
  readonly engine: "auto" | "host" | "guest";
  readonly touchEfiVars: boolean;
  readonly mounts: BootMounts;
}

/** Where the bootloader is installed, with the point that decided. */
export type Engine =
  | { readonly engine: "host"; readonly reason: string; readonly installer: HostInstaller }
  | { readonly engine: "guest"; readonly reason: string };

/**
 * Chooses the engine: the host where it can do what the system's own installer would, a guest elsewhere. Pure.
 *
 * @throws MkimageError BAD_REQUEST when the host was asked for and cannot, with the point that decides; when no installer
 *   could, since there is no place for its files. A guest that was asked for may try.
 */
export function decideEngine(request: EngineRequest, installer: Installer): Engine {
  if (request.engine === "guest")
    return { engine: "guest", reason: "the bootloader is installed in a guest, as asked for" };
  const choice = hostOrObstacle(request, installer);
  if (typeof choice !== "string") return { engine: "host", reason: choice.summary, installer: choice };
  const reason = `the host cannot install the bootloader because ${choice}`;
  if (request.engine === "auto") return { engine: "guest", reason };
  throw new MkimageError("BAD_REQUEST", reason, { hint: "use --engine guest, or auto, which does so by itself" });
}

function hostOrObstacle({ touchEfiVars, mounts }: EngineRequest, installer: Installer): HostInstaller | string {
  if (installer.host === undefined) return installer.reason;
  installer.host.requirePlaces(mounts);
  if (touchEfiVars) return "only firmware can write EFI variables (--touch-efi-vars)";
  return installer.host.obstacleIn(mounts) ?? installer.host;
}
