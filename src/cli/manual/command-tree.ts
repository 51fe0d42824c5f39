import type { Command, Option } from "commander";

/** A verb as completion and the manual page show it. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: readonly VerbOption[];
}

export interface VerbOption {
  /** Without dashes: `format`. */
  readonly name: string;
  /** `undefined` where the option takes no value. */
  readonly placeholder: string | undefined;
  readonly summary: string;
  /** The legal values, where they are few. */
  readonly choices: readonly string[];
}

/** The verbs of the program with all that a user can give them, as the command line itself defines it. */
export function verbsOf(program: Command): Verb[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.description(),
    usage: command.usage(),
    options: command.options.filter((option) => !option.hidden).map(describe),
  }));
}

function describe(option: Option): VerbOption {
  const placeholder = /[<[](.+)[>\]]/.exec(option.flags)?.[1];
  const choices = /\[([^\]]+)\]/.exec(option.description)?.[1]?.split(", ") ?? [];
  return { name: option.long?.slice(2) ?? "", placeholder, summary: option.description, choices };
}
