import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import type { DeviceTree } from "../devices/device-tree.ts";
import { readDeviceTree } from "../devices/tree/read.ts";
import { readEvaluatedTree } from "../devices/tree/read-evaluated.ts";
import { MkimageError } from "../base/errors.ts";
import { applied, attributeName, type Configuration, describe, flakeInstallable } from "../nix/configuration.ts";
import { evaluateTree } from "../nix/evaluate-tree.ts";
import { fileExpression, flakeFunction, type NixTreeRequest, plainTree } from "../nix/nix-tree.ts";
import { nix, type NixOptions } from "../nix/nix.ts";
import { lacksAttribute, withNames } from "../nix/wrong-name.ts";

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
  if (file.endsWith(".json")) return readJsonTree(readJson(file));
  return evaluated(source.file, source, ["--impure", "--expr", fileExpression(file, source)], options);
}

/** The sources of the device tree of a system. */
export interface TreeRequest extends NixTreeRequest {
  /** The file; without it the tree is the system's own. */
  readonly devices: string | undefined;
}

/**
 * The device tree of a system: that of the file, else its own `disko.devices`; `undefined` where there is neither.
 *
 * @throws MkimageError as `readDevices`.
 */
export async function devicesOfSystem(
  { devices, lib, expressions, strings }: TreeRequest,
  configuration: Configuration | undefined,
  options: NixOptions,
): Promise<ReadDevices | undefined> {
  if (devices !== undefined) return readDevices({ kind: "file", file: devices, lib, expressions, strings }, options);
  return configuration === undefined ? undefined : readConfiguredDevices(configuration, options);
}

/**
 * The device tree of a configuration that is evaluated with disko's module; `undefined` where it describes no disks.
 *
 * @throws MkimageError BAD_REQUEST with every fault of the tree; RESOLVE_FAILED with Nix's own words.
 */
async function readConfiguredDevices(
  configuration: Configuration,
  options: NixOptions = {},
): Promise<ReadDevices | undefined> {
  const what = { what: describe(configuration), hasLib: true };
  const arguments_ = applied(configuration, "config", configuredTree);
  const json = await evaluateTree(what, arguments_, options);
  return json === null ? undefined : readEvaluatedTree(json);
}

const configuredTree = `config:
let devices = config.disko.devices or { };
in if devices.disk or { } == { } then null else (${plainTree}) devices`;

/** A tree that was evaluated elsewhere says so, by `evaluated` beside `disko`. */
function readJsonTree(json: unknown): ReadDevices {
  const isEvaluated = evaluatedDocument.safeParse(json).success;
  return isEvaluated ? readEvaluatedTree(json) : { tree: readDeviceTree(json), notes: [] };
}

const evaluatedDocument = z.object({ disko: z.unknown(), evaluated: z.literal(true) });

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
  const own = await namesUnder(flake, "diskoConfigurations", options);
  if (own.includes(name)) {
    const reference = flakeInstallable(flake, `diskoConfigurations.${attributeName(name)}`);
    return evaluated(place, source, ["--impure", reference, "--apply", flakeFunction(source)], options);
  }
  const path = `nixosConfigurations.${attributeName(name)}.config.disko.devices`;
  const arguments_ = [flakeInstallable(flake, path), "--apply", plainTree];
  const json = await evaluateTree({ what: place, hasLib: true }, arguments_, options).catch(async (error: unknown) => {
    const askNames = async () => [...own, ...(await namesUnder(flake, "nixosConfigurations", options))];
    throw await withNames(error, { flake, name, kind: "device tree" }, askNames);
  });
  return readEvaluatedTree(json);
}

/** The names that a flake has under an output; none when it has no such output. */
async function namesUnder(flake: string, output: string, options: NixOptions): Promise<string[]> {
  const arguments_ = ["--json", flakeInstallable(flake, output), "--apply", "builtins.attrNames"];
  try {
    const text = await nix(`looking for ${output} of the flake ${flake}`, "eval", arguments_, options);
    return z.array(z.string()).parse(JSON.parse(text));
  } catch (error) {
    if (lacksAttribute(error)) return [];
    throw error;
  }
}

const evaluatedTree = z.object({ devices: z.unknown(), unseen: z.array(z.string()) });

async function evaluated(
  what: string,
  { lib }: NixTreeRequest,
  arguments_: readonly string[],
  options: NixOptions,
): Promise<ReadDevices> {
  const json = await evaluateTree({ what, hasLib: lib !== undefined }, arguments_, options);
  const { devices, unseen } = evaluatedTree.parse(json);
  const notes = unseen.map((name) => `${name}: not looked at, since only the whole configuration can tell what it is`);
  return { tree: readDeviceTree(devices), notes };
}
