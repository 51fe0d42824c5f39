import { claimPrograms } from "./claim.ts";
import { functionTools } from "./shell-functions.ts";
import type { Command, Guard, Step } from "./step.ts";

/** The programs that steps call, sorted; all that are in the table of tools, and `mkfs` for any other filesystem. */
export function toolsOf(steps: readonly Step[]): string[] {
  const programs = steps.flatMap(stepPrograms);
  return [...new Set(programs.flatMap(behind))].toSorted();
}

function stepPrograms(step: Step): readonly string[] {
  switch (step.kind) {
    case "hook":
      return [];
    case "look":
      return step.claims.flatMap((claim) => ["claim", ...claimPrograms(claim)]);
    case "commands":
      return [...step.commands.flatMap(commandPrograms), ...step.guards.flatMap(guardPrograms)];
  }
}

function commandPrograms({ argv, input }: Command): string[] {
  return [
    // A program of a system is where that has it.
    ...argv.slice(0, 1).filter((program) => !program.startsWith("/")),
    ...(argv[0] === "with_own" ? argv.slice(1, 2) : []),
    ...(input?.kind === "file" ? ["cat"] : []),
    // LVM has it look at a pool's metadata, and opens none that was not looked at.
    ...(argv[0] === "lvcreate" && argv.includes("--type=thin-pool") ? ["thin_check"] : []),
  ];
}

function guardPrograms(guard: Guard): readonly string[] {
  switch (guard.kind) {
    case "is empty":
      return ["content_of"];
    case "is made":
    case "is known":
    case "is unmade":
    case "is unmade so far":
      return ["claim", ...claimPrograms(guard.claim)];
    case "is swap":
    case "is not swap":
      return ["is_swap"];
    default:
      return guard.argv.slice(0, 1);
  }
}

/** Returns the programs that a function of the script calls; `test` is a builtin of the shell. */
function behind(name: string): readonly string[] {
  if (name === "test") return [];
  return Object.hasOwn(functionTools, name) ? functionTools[name as keyof typeof functionTools] : [name];
}
