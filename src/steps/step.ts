import type { Tool } from "../runtime/tools.ts";
import type { Claim } from "./claim.ts";

/** One thing that is done to a machine, as data: rendered as shell, or run by an executor. */
export type Step = CommandStep | HookStep | LookStep;

interface StepBase {
  /** A description for messages: `make an ext4 filesystem on /dev/sda2`. */
  readonly title: string;
  /** The node of the device tree that it belongs to: `disk.main.content`. */
  readonly path: string;
}

/** Commands that run one after the other, when every guard holds. */
export interface CommandStep extends StepBase {
  readonly kind: "commands";
  readonly guards: readonly Guard[];
  readonly commands: readonly Command[];
}

export interface Command {
  readonly argv: readonly string[];
  readonly input?: Input;
  /** Programs that its program calls, where it would not do without. */
  readonly calls?: readonly Tool[];
}

/** The standard input of a command, so that no secret is ever an argument. */
export type Input =
  /** A password that the user types, once a run; twice where a mistake would lock everybody out. */
  | { readonly kind: "asked"; readonly name: string; readonly times: 1 | 2 }
  /** A password that is drawn for this run, and that nobody gets to know. */
  | { readonly kind: "drawn"; readonly name: string }
  /** The contents of a file, without the line breaks at its end. */
  | { readonly kind: "file"; readonly path: string };

/** A condition for a step to run; what is there already stays. */
export type Guard =
  | { readonly kind: "succeeds" | "fails" | "prints something" | "prints nothing"; readonly argv: readonly string[] }
  /** Its first line of output is this text. */
  | { readonly kind: "prints"; readonly argv: readonly string[]; readonly text: string }
  /** There is neither a filesystem nor a container on it. */
  | { readonly kind: "is empty"; readonly device: string }
  /** At least one device has what the claim is for. `is made` reports the devices that lack it, since it will be used. */
  | { readonly kind: "is made" | "is known"; readonly claim: Claim }
  /** Its devices hold nothing; anything that is not the claim's own ends the script. `so far`: some are yet to come. */
  | { readonly kind: "is unmade" | "is unmade so far"; readonly claim: Claim }
  /** A function of the script, which says nothing, succeeds or fails. */
  | { readonly kind: "holds" | "does not hold"; readonly argv: readonly string[] };

/** Looks at all that is there, and ends the script when anything of it is neither nothing nor the tree's own. */
interface LookStep extends StepBase {
  readonly kind: "look";
  readonly claims: readonly Claim[];
}

/** Shell lines of the user, and the options of their node as variables. */
export interface HookStep extends StepBase {
  readonly kind: "hook";
  readonly shell: string;
  readonly variables: Readonly<Record<string, HookValue>>;
}

/** Text, a list, or a set of texts. */
export type HookValue = string | readonly string[] | Readonly<Record<string, string>>;

/** A step of one or more commands. */
export function step(
  path: string,
  title: string,
  guards: readonly Guard[],
  ...commands: readonly (readonly string[] | Command)[]
): CommandStep {
  return {
    kind: "commands",
    path,
    title,
    guards,
    commands: commands.map((command) => ("argv" in command ? command : { argv: command })),
  };
}
