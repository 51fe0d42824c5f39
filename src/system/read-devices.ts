import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DeviceTree } from "../devices/device-tree.ts";
import { readDeviceTree } from "../devices/read.ts";
import { unsetImageSizes } from "../devices/unset-image-sizes.ts";
import { MkimageError } from "../errors.ts";
import { attributeName, type Configuration, evaluate, flakeInstallable } from "./configuration.ts";
import { fileExpression, flakeFunction, missingLib, type NixTreeRequest, plainTree } from "./nix-tree.ts";
import { nix, type NixOptions } from "./nix.ts";

/** Where a device tree is written down. */
export type DevicesSource =
  /** `.json`, or anything else, which is Nix. */
  | ({ readonly kind: "file"; readonly file: string } & NixTreeRequest)
  /** `diskoConfigurations.NAME` of a flake, else that of the system `nixosConfigurations.NAME`. */
  | ({ readonly kind: "flake"; readonly flake: string; readonly name: string } & NixTreeRequest);

/** A device tree, and what the user should know about how it was read. */
export interface ReadDevices {
  readonly tree: DeviceTree;
  readonly notes: readonly string[];
}

/**
 * Reads a device tree from a JSON file, a Nix file, or a flake.
 *
 * @throws MkimageError BAD_REQUEST with every fault of the tree, or when a file is no JSON; RESOLVE_FAILED with Nix's own
 *   words; MISSING_TOOL when there is no Nix and one is needed.
 */
export async function readDevices(source: DevicesSource, options: NixOptions = {}): Promise<ReadDevices> {
  if (source.kind === "flake") return readFlake(source, options);
  const file = resolve(options.folder ?? ".", source.file);
  if (file.endsWith(".json")) return { tree: readDeviceTree(readJson(file)), notes: [] };
  const arguments_ = ["--impure", "--json", "--expr", fileExpression(file, source)];
  return { tree: readDeviceTree(await evaluated(source.file, arguments_, options)), notes: [] };
}

/**
 * The device tree of a configuration that is evaluated with disko's module; `undefined` where it describes no disks.
 *
 * @throws MkimageError BAD_REQUEST with every fault of the tree; RESOLVE_FAILED with Nix's own words.
 */
export async function readConfiguredDevices(
  configuration: Configuration,
  options: NixOptions = {},
): Promise<ReadDevices | undefined> {
  const json = await evaluate(configuration, configuredTree, options);
  return json === null ? undefined : unsetImageSizes(readDeviceTree(json));
}

const configuredTree = `config:
let devices = config.disko.devices or { };
in if devices.disk or { } == { } then null else (${plainTree}) devices`;

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new MkimageError("BAD_REQUEST", `${file} is not JSON: ${error.message}`, {
      hint: "write the set under disko.devices as JSON; a file in Nix has another ending, such as .nix",
    });
  }
}

async function readFlake(source: DevicesSource & { kind: "flake" }, options: NixOptions): Promise<ReadDevices> {
  const { flake, name } = source;
  const place = `${flake}#${name}`;
  if (await hasConfiguration(flake, name, options)) {
    const own = flakeInstallable(flake, `diskoConfigurations.${attributeName(name)}`);
    const json = await evaluated(place, ["--impure", "--json", own, "--apply", flakeFunction(source)], options);
    return { tree: readDeviceTree(json), notes: [] };
  }
  const path = `nixosConfigurations.${attributeName(name)}.config.disko.devices`;
  const json = await evaluated(place, ["--json", flakeInstallable(flake, path), "--apply", plainTree], options);
  return unsetImageSizes(readDeviceTree(json));
}

/** The names that a flake has under `diskoConfigurations`; none when it has no such output. */
async function hasConfiguration(flake: string, name: string, options: NixOptions): Promise<boolean> {
  const installable = flakeInstallable(flake, "diskoConfigurations");
  try {
    const text = await nix("", "eval", ["--json", installable, "--apply", "builtins.attrNames"], options);
    return (JSON.parse(text) as string[]).includes(name);
  } catch (error) {
    if (error instanceof MkimageError && error.details.some((line) => line.includes("does not provide attribute")))
      return false;
    throw error;
  }
}

async function evaluated(what: string, arguments_: readonly string[], options: NixOptions): Promise<unknown> {
  try {
    return JSON.parse(await nix(`evaluating ${what}`, "eval", arguments_, options));
  } catch (error) {
    if (!(error instanceof MkimageError) || !error.details.some((line) => line.startsWith(`error: ${missingLib}`)))
      throw error;
    throw new MkimageError("RESOLVE_FAILED", `${what} is a function of lib, and there is no nixpkgs in NIX_PATH`, {
      hint: "give the folder of nixpkgs, or of its lib: --lib PATH",
      cause: error,
    });
  }
}
