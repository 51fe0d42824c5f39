import { filesystems } from "../../filesystems/registry.ts";
import type { ShellParts } from "../../runtime/shell-parts.ts";
import type { Stopping } from "../../steps/executor.ts";
import { programsOf } from "../../steps/needed-tools.ts";
import { scriptOf } from "../../steps/render.ts";
import { shellLibrary, type ShellLibrary } from "../../steps/shell-library.ts";
import type { Step } from "../../steps/step.ts";
import { contentTypes, unitTypes } from "../registry.ts";

/** The steps as one shell script, with the functions of every type that they call. `stopping`: what a signal does to it. */
export function renderScript(steps: readonly Step[], stopping: Stopping = "at once"): string {
  return scriptOf(steps, library(), stopping);
}

/** The programs that steps call, sorted; all that are in the table of tools, and `mkfs` for any other filesystem. */
export function toolsOf(steps: readonly Step[]): string[] {
  return programsOf(steps, library());
}

/** Made once, and only by who renders steps. */
let made: ShellLibrary | undefined;

function library(): ShellLibrary {
  const all = [contentTypes, unitTypes, filesystems].flatMap((registry) => Object.values<Partly>(registry));
  return (made ??= shellLibrary(all.flatMap(({ shell }) => shell ?? [])));
}

/** Whatever adds something to scripts, or nothing. */
interface Partly {
  readonly shell?: ShellParts;
}
