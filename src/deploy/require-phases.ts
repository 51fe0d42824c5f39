import { MkimageError } from "../base/errors.ts";
import type { Phase } from "./phases.ts";

/**
 * Refuses phases that do not go together: what completes disks is known to the run that has laid them out, and a machine
 * restarts into a new system only with its disks.
 *
 * @throws MkimageError BAD_REQUEST.
 */
export function requirePhases(phases: readonly Phase[]): void {
  if (phases.includes("disks") && phases.includes("reboot") && !phases.includes("install")) {
    throw new MkimageError("BAD_REQUEST", "a machine whose disks lack what starts it must not restart", {
      hint: "add the phase install, or leave reboot out",
    });
  }
  for (const [phase, needed] of needs) {
    if (!phases.includes(phase) || phases.includes(needed)) continue;
    throw new MkimageError("BAD_REQUEST", `the phase ${phase} needs ${needed} in the same run`, {
      hint: `add ${needed}: of disks that are there already nothing is sent again`,
    });
  }
}

const needs: readonly (readonly [Phase, Phase])[] = [["install", "disks"]];
