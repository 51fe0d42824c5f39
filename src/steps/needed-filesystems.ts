import { formatOfProgram } from "../filesystems/registry.ts";
import type { Step } from "./step.ts";

/** The filesystems that the kernel has to know for steps, sorted: what they mount, and those whose programs they run. */
export function filesystemsOf(steps: readonly Step[]): string[] {
  const commands = steps.flatMap((step) => (step.kind === "commands" ? step.commands : []));
  return [...new Set(commands.flatMap(({ argv }) => filesystemOf(argv)))].toSorted();
}

/** Types of a mount that stand for whatever is found, or for a folder that is there. */
export const noFilesystems: ReadonlySet<string> = new Set(["auto", "none"]);

function filesystemOf([program, ...words]: readonly string[]): string[] {
  switch (program) {
    case undefined:
      return [];
    case "mount":
    case "mount_own": {
      const at = words.indexOf("-t");
      return words.slice(at + 1, at === -1 ? 0 : at + 2).filter((type) => !noFilesystems.has(type));
    }
    default:
      return [formatOfProgram(program) ?? []].flat();
  }
}
