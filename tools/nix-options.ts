import { imageFormats } from "../src/image/formats/registry.ts";
import { endingOf } from "../src/image/packings/packaging.ts";
import { plainTree } from "../src/nix/nix-tree.ts";
import { requestFlags } from "../src/request/flags.ts";
import { variantNames, variantOf } from "../src/variants/registry.ts";

/** The options that a derivation says itself, and those that need Nix or secrets, neither of which a build in the sandbox has. */
const notForDerivations = new Set([
  "arg",
  "argstr",
  "attr",
  "closureInfo",
  "file",
  "force",
  "impure",
  "lib",
  "option",
  "out",
  "overrideInput",
  "owner",
  "preFormatFiles",
  "root",
  "secret",
  "showTrace",
]);

/** For the Nix files: the options of a request that a derivation can have, by their keys, and the endings of formats and variants. */
export function nixOptions(): string {
  const options = requestFlags()
    .filter(({ key }) => !notForDerivations.has(key))
    .map(({ key, kind, placeholder, description, choices, default: fallback }) => [
      key,
      { kind: key === "contents" ? key : kind, placeholder, description, choices, default: fallback },
    ]);
  const endings = Object.entries(imageFormats).map(([name, { ending }]) => [name, ending]);
  const ofVariants = variantNames.map((name) => [name, endingOf(variantOf(name))]);
  const file = {
    options: Object.fromEntries(options),
    endings: Object.fromEntries(endings),
    variants: Object.fromEntries(ofVariants),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** The function that makes plain data of an evaluated tree, as a Nix file. */
export function plainTreeFile(): string {
  return `# Written by \`make docs\`: plain data of the disko.devices of an evaluated configuration.\n${plainTree}\n`;
}
