import { MkimageError } from "../errors.ts";
import type { Installer, SystemdBootBuilder } from "./installer.ts";

/** What a request says about where the bootloader is installed. */
export interface EngineRequest {
  readonly engine: "auto" | "host" | "guest";
  readonly touchEfiVars: boolean;
  /** Where the image's boot partitions are mounted. */
  readonly mountPoints: readonly string[];
}

/** Where the bootloader is installed, with the point that decided. */
export type Engine =
  | { readonly engine: "host"; readonly reason: string; readonly builder: SystemdBootBuilder }
  | { readonly engine: "guest"; readonly reason: string };

/**
 * Chooses the engine: the host where it can do what the system's own installer would, a guest elsewhere. Pure.
 *
 * @throws MkimageError BAD_REQUEST when the host was asked for and cannot, with the point that decides.
 */
export function decideEngine(request: EngineRequest, installer: Installer): Engine {
  if (request.engine === "guest")
    return { engine: "guest", reason: "the bootloader is installed in a guest, as asked for" };
  const choice = hostOrObstacle(request, installer);
  if (typeof choice !== "string") {
    return {
      engine: "host",
      reason: "systemd-boot is laid out on this machine, as its builder would",
      builder: choice,
    };
  }
  const reason = `the host cannot install the bootloader because ${choice}`;
  if (request.engine === "auto") return { engine: "guest", reason };
  throw new MkimageError("BAD_REQUEST", reason, { hint: "use --engine guest, or auto, which does so by itself" });
}

function hostOrObstacle(
  { touchEfiVars, mountPoints }: EngineRequest,
  installer: Installer,
): SystemdBootBuilder | string {
  if (installer.builder === undefined) return installer.reason;
  if (touchEfiVars) return "only firmware can write EFI variables (touchEfiVars)";
  const { espMountPoint, bootMountPoint } = installer.builder.constants;
  const missing = [espMountPoint, bootMountPoint].find((path) => !mountPoints.includes(path));
  if (missing === undefined) return installer.builder;
  return `its builder wants a partition at ${missing}, and the image has none there`;
}
