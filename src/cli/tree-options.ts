import type { Command } from "commander";
import type { DeviceTree } from "../devices/device-tree.ts";
import { MkimageError } from "../base/errors.ts";
import { nixSession } from "../nix/session.ts";
import { readDevices } from "../request/read-devices.ts";
import { parseFlakeReference } from "../nix/source.ts";
import { nixArgumentsOf } from "../request/nix-arguments.ts";
import { addNixOptions, type NixFlags, nixWishesOf } from "./nix-options.ts";
import { pairsOf } from "./pairs.ts";

/** The options that locate a device tree. */
export interface TreeFlags extends NixFlags {
  readonly flake?: string;
  readonly lib?: string;
  readonly arg?: readonly string[];
  readonly argstr?: readonly string[];
}

/** Adds the file, and the options that say where a device tree is and how it is evaluated. */
export function addTreeOptions(command: Command): Command {
  const named = command
    .argument("[file]", "the device tree: a .json file, or a .nix file (an attribute set, or a function of {lib, …})")
    .option("-f, --flake <reference>", "FLAKE#NAME: its diskoConfigurations.NAME, else its nixosConfigurations.NAME")
    .option("--lib <path>", "the folder of nixpkgs, for files that need lib (default: the one in NIX_PATH)")
    .option("--arg <name-and-value...>", "NAME EXPRESSION: an argument of the function, in Nix")
    .option("--argstr <name-and-value...>", "NAME TEXT: an argument of the function, as text");
  return addNixOptions(named);
}

/**
 * Reads the device tree that the options name.
 *
 * @param named the files that are named, of which there may be one.
 * @throws MkimageError USAGE unless exactly one of a file and a flake is given; and as `readDevices`.
 */
export async function readTree(
  named: readonly string[],
  flags: TreeFlags,
  signal: AbortSignal,
  onNote: (text: string) => void,
): Promise<DeviceTree> {
  const expressions = pairsOf(flags.arg);
  const strings = pairsOf(flags.argstr);
  // A list of words goes on up to the next option, so that a file behind it is its last word.
  const { wishes, rest } = nixWishesOf(flags);
  const files = [...named, expressions.rest, strings.rest, ...rest].filter((one) => one !== undefined);
  const source = sourceOf(files, flags.flake);
  const request = {
    lib: flags.lib,
    expressions: Object.fromEntries(expressions.pairs),
    strings: Object.fromEntries(strings.pairs),
  };
  const { tree, notes } = await readDevices(
    { ...source, ...request },
    nixSession({ signal, nixArguments: nixArgumentsOf(wishes), onNote }),
  );
  notes.forEach((note) => onNote(note));
  return tree;
}

function sourceOf(files: readonly string[], flake: string | undefined) {
  const [file] = files;
  if (file !== undefined && files.length === 1 && flake === undefined) return { kind: "file", file } as const;
  const reference = file === undefined && flake !== undefined ? parseFlakeReference(flake) : undefined;
  if (reference?.name !== undefined) return { kind: "flake", flake: reference.flake, name: reference.name } as const;
  throw new MkimageError("USAGE", "exactly one device tree is needed", {
    hint: "give a file, disk.nix or disk.json, or --flake FLAKE#NAME; --arg, --argstr, --option and --override-input take a name and a value",
  });
}
