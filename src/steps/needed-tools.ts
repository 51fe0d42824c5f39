import { claimPrograms } from "./claim.ts";
import { claimCalls } from "./render-claim.ts";
import { programsBehind, type ShellLibrary } from "./shell-library.ts";
import type { Command, Guard, Input, Step } from "./step.ts";

/** The programs that steps call, sorted; all that are in the table of tools, and `mkfs` for any other filesystem. */
export function programsOf(steps: readonly Step[], library: ShellLibrary): string[] {
  const programs = steps.flatMap(stepPrograms);
  return [...new Set(programs.flatMap((name) => behind(name, library)))].toSorted();
}

function stepPrograms(step: Step): readonly string[] {
  switch (step.kind) {
    case "hook":
      return [];
    case "look":
      return step.claims.flatMap((claim) => [...claimCalls, ...claimPrograms(claim)]);
    case "commands":
      return [...step.commands.flatMap(commandPrograms), ...step.guards.flatMap(guardPrograms)];
  }
}

function commandPrograms({ argv, input, calls = [] }: Command): string[] {
  return [
    // A program of a system is where that has it.
    ...argv.slice(0, 1).filter((program) => !program.startsWith("/")),
    ...(argv[0] === "with_own" ? argv.slice(1, 2) : []),
    ...inputPrograms(input),
    ...calls,
  ];
}

function inputPrograms(input: Input | undefined): readonly string[] {
  switch (input?.kind) {
    case undefined:
      return [];
    case "asked":
      return ["ask_password", "say_password"];
    case "drawn":
      return ["draw_password", "say_password"];
    case "file":
      return ["say_file"];
  }
}

function guardPrograms(guard: Guard): readonly string[] {
  switch (guard.kind) {
    case "is empty":
      return ["content_of"];
    case "is made":
    case "is known":
    case "is unmade":
    case "is unmade so far":
      return [...claimCalls, ...claimPrograms(guard.claim)];
    default:
      return guard.argv.slice(0, 1);
  }
}

/** Returns the programs that a call takes; `test` is a builtin of the shell. */
function behind(name: string, library: ShellLibrary): string[] {
  return name === "test" ? [] : programsBehind(name, library);
}
