import type { Command } from "commander";
import type { NixWishes } from "../request/nix-arguments.ts";
import { pairsOf } from "./pairs.ts";

/** The options of Nix that a command line has. */
export interface NixFlags {
  readonly impure?: boolean;
  readonly showTrace?: boolean;
  readonly overrideInput?: readonly string[];
  readonly option?: readonly string[];
}

/** Adds the options of `nix` that verbs pass on to it; `build` and `plan` have them from their schema. */
export function addNixOptions(command: Command): Command {
  return command
    .option("--impure", "let Nix see the environment and files outside of the flake")
    .option("--override-input <name-and-reference...>", "NAME REFERENCE: another flake in place of an input")
    .option("--option <name-and-value...>", "NAME VALUE: a setting for Nix")
    .option("--show-trace", "have Nix show where an error comes from");
}

/** The values of those options, and the words behind their lists that belong to none. */
export function nixWishesOf({ overrideInput, option, ...flags }: NixFlags): {
  readonly wishes: NixWishes;
  readonly rest: readonly (string | undefined)[];
} {
  const [inputs, settings] = [pairsOf(overrideInput), pairsOf(option)];
  return {
    wishes: { ...flags, overrideInput: inputs.pairs, option: settings.pairs },
    rest: [inputs.rest, settings.rest],
  };
}
