import { quote, quoteArguments } from "../base/quote.ts";
import { scratchFolder } from "./scratch.ts";
import { claimCondition, lookLines } from "./render-claim.ts";
import { functionsIn, type ShellLibrary } from "./shell-library.ts";
import type { Stopping } from "./executor.ts";
import type { Command, CommandStep, Guard, HookStep, HookValue, Step } from "./step.ts";

/** Names with a dollar sign in them are meant literally. */
const head = "#!/usr/bin/env bash\n# shellcheck disable=SC2016\nset -eu";

/** The steps as one shell script, for people and for bash: it stops at the first command that fails. */
export function scriptOf(steps: readonly Step[], library: ShellLibrary, stopping: Stopping): string {
  const rendered = arranged(steps.map(renderStep), stopping);
  const tidy = rendered.some((text) => text.includes(scratchFolder))
    ? [`trap 'umount ${scratchFolder} 2>/dev/null || true' EXIT`]
    : [];
  return `${[head, withoutUdev(library), ...tidy, ...functionsIn(rendered, library), ...rendered].join("\n\n")}\n`;
}

/** Steps that are not to be ended in the middle are those of a function, which another one calls. */
function arranged(steps: readonly string[], stopping: Stopping): readonly string[] {
  return stopping === "at once" || steps.length === 0 ? steps : ["steps() {", ...steps, "}", "in_turn"];
}

/** Without a udev, some programs have to make their nodes themselves. */
function withoutUdev({ withoutUdev: settings }: ShellLibrary): string {
  return `[ -S /run/udev/control ] || export ${settings.join(" ")}`;
}

/** One step as shell, which says its title first. */
function renderStep(step: Step): string {
  return [`begin ${quote(step.title)}`, ...stepLines(step)].join("\n");
}

function stepLines(step: Step): string[] {
  switch (step.kind) {
    case "hook":
      return hookLines(step);
    case "look":
      return lookLines(step.claims);
    case "commands":
      return commandLines(step);
  }
}

function commandLines({ guards, commands }: CommandStep): string[] {
  const lines = commands.flatMap(renderCommand);
  if (guards.length === 0) return lines;
  return [`if ${guards.map(renderGuard).join(" &&\n  ")}; then`, ...lines.map((line) => `  ${line}`), "fi"];
}

function renderCommand({ argv, input }: Command): string[] {
  const command = quoteArguments(argv);
  switch (input?.kind) {
    case undefined:
      return [command];
    case "asked":
      return [`ask_password ${quote(input.name)} ${input.times}`, `say_password | ${command}`];
    case "drawn":
      return [`draw_password ${quote(input.name)}`, `say_password | ${command}`];
    case "file":
      return [`say_file ${quote(input.path)} | ${command}`];
  }
}

function renderGuard(guard: Guard): string {
  switch (guard.kind) {
    case "succeeds":
      return silent(guard.argv);
    case "fails":
      return `! ${silent(guard.argv)}`;
    case "prints something":
      return `[ -n "$(${quoteArguments(guard.argv)} 2>/dev/null)" ]`;
    case "prints nothing":
      return `[ -z "$(${quoteArguments(guard.argv)} 2>/dev/null)" ]`;
    case "prints":
      return `[ "$(${quoteArguments(guard.argv)} 2>/dev/null)" = ${quote(guard.text)} ]`;
    case "is empty":
      return `[ -z "$(content_of ${quote(guard.device)})" ]`;
    case "is made":
      return claimCondition(guard.claim, "is_made");
    case "is known":
      return claimCondition(guard.claim, "is_known");
    case "is unmade":
      return claimCondition(guard.claim, "is_unmade");
    case "is unmade so far":
      return claimCondition(guard.claim, "is_unmade_so_far");
    case "holds":
      return quoteArguments(guard.argv);
    case "does not hold":
      return `! ${quoteArguments(guard.argv)}`;
  }
}

function silent(argv: readonly string[]): string {
  // `test` says nothing anyway.
  return argv[0] === "test" ? quoteArguments(argv) : `${quoteArguments(argv)} >/dev/null 2>&1`;
}

/** The user's lines are not indented: they may hold here-documents. */
function hookLines({ shell, variables }: HookStep): string[] {
  const values = Object.entries(variables).map(([name, value]) => declaration(name, value));
  return ["(", ...values, shell.trimEnd(), ")"];
}

function declaration(name: string, value: HookValue): string {
  if (typeof value === "string") return `${name}=${quote(value)}`;
  if (isList(value)) return `${name}=(${value.map(quote).join(" ")})`;
  const entries = Object.entries(value).map(([key, text]) => `[${quote(key)}]=${quote(text)}`);
  return `declare -A ${name}=(${entries.join(" ")})`;
}

function isList(value: HookValue): value is readonly string[] {
  return Array.isArray(value);
}
