import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import { MkimageError } from "../base/errors.ts";
import {
  build,
  buildInstallable,
  type Configuration,
  describe,
  evaluate,
  fileArguments,
  flakeInstallable,
} from "./configuration.ts";
import { withNames } from "./wrong-name.ts";
import { nix, type NixOptions } from "./nix.ts";
import { realise } from "./realise.ts";
import type { SystemSource } from "./source.ts";
import { requireSystem, toplevelAt } from "./toplevel.ts";

/** A system that is built and in the store of this machine. */
export interface ResolvedSystem<Asked = undefined> {
  /** Its store path. */
  readonly toplevel: string;
  /** Where its settings can be asked for; absent when it was given as a store path, or as a bare derivation. */
  readonly configuration?: Configuration;
  /** The answer of `ask`, where there is a configuration and it was asked. */
  readonly asked?: Asked;
}

/** The configuration that is built, and what was asked of it. */
interface AskedConfiguration<Asked> {
  readonly configuration: Configuration;
  /** Of its system, where it is known already. One that a garbage collection took meanwhile is made anew. */
  readonly derivation?: string | undefined;
  readonly asked: Asked;
}

const toplevelAttributes = "config.system.build.toplevel";

/** How Nix is called, which of the system's images is meant, and what is to be known before anything is built. */
interface ResolveOptions<Asked> extends NixOptions {
  /** One of `system.build.images`, which has a system of its own. */
  readonly image?: string | undefined;
  /** Asks the configuration before anything is built of it, and gives the one that is built: this one, or this one extended. */
  readonly ask?: ((configuration: Configuration) => Promise<AskedConfiguration<Asked>>) | undefined;
}

/**
 * Finds and builds the system that a source names, with the Nix and the settings that the user has.
 *
 * @throws MkimageError RESOLVE_FAILED when Nix cannot evaluate or build it, or when a flake has several systems (their
 *   names are listed); NOT_A_SYSTEM when what comes out is none; MISSING_TOOL.
 */
export async function resolveSystem<Asked = undefined>(
  source: SystemSource,
  options: ResolveOptions<Asked> = {},
): Promise<ResolvedSystem<Asked>> {
  switch (source.kind) {
    case "toplevel":
      return { toplevel: toplevelAt(resolve(options.folder ?? ".", source.path)) };
    case "flake":
      return buildSystem(
        { kind: "flake", flake: source.flake, name: source.name ?? (await onlyName(source.flake, options)) },
        options,
      );
    case "file":
      return resolveFile(source.file, source.attributes ?? "", options);
  }
}

/**
 * The names of a flake's systems, sorted.
 *
 * @throws MkimageError RESOLVE_FAILED when it cannot be evaluated or has none.
 */
async function systemNames(flake: string, options: NixOptions = {}): Promise<string[]> {
  const arguments_ = ["--json", flakeInstallable(flake, "nixosConfigurations"), "--apply", "builtins.attrNames"];
  const hint =
    "a flake needs nixosConfigurations.NAME; for a system that is built already, give its path in /nix/store";
  return z
    .array(z.string())
    .parse(JSON.parse(await nix(`looking for the systems of the flake ${flake}`, "eval", arguments_, options, hint)));
}

async function onlyName(flake: string, options: NixOptions): Promise<string> {
  const names = await systemNames(flake, options);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new MkimageError("RESOLVE_FAILED", `the flake ${flake} has ${names.length === 0 ? "no" : "several"} systems`, {
    details: names,
    hint: name === undefined ? "define nixosConfigurations.NAME in it" : `name one of them: ${flake}#${name}`,
  });
}

async function buildSystem<Asked>(
  whole: Configuration,
  { image, ask, ...options }: ResolveOptions<Asked>,
): Promise<ResolvedSystem<Asked>> {
  const named = image === undefined ? whole : { ...whole, image };
  try {
    const { configuration, derivation, ...answer } = (await ask?.(named)) ?? { configuration: named };
    const toplevel = await buildToplevel(configuration, derivation, options);
    requireSystem(toplevel);
    return { toplevel, configuration, ...answer };
  } catch (failure) {
    const error = await withSystems(failure, whole, options);
    if (error === failure && image !== undefined) await requireImage(whole, image, options);
    throw error;
  }
}

async function buildToplevel(
  configuration: Configuration,
  derivation: string | undefined,
  options: NixOptions,
): Promise<string> {
  if (derivation === undefined || !existsSync(derivation)) return build(configuration, toplevelAttributes, options);
  return realise(`building ${toplevelAttributes} of ${describe(configuration)}`, derivation, options);
}

/** The error, with the names of the flake's systems where it comes from a wrong one. */
async function withSystems(error: unknown, configuration: Configuration, options: NixOptions): Promise<unknown> {
  if (configuration.kind !== "flake") return error;
  const { flake, name } = configuration;
  return withNames(error, { flake, name, kind: "system" }, () => systemNames(flake, options));
}

/** @throws MkimageError RESOLVE_FAILED with the images that there are, where it is none of them. */
async function requireImage(configuration: Configuration, image: string, options: NixOptions): Promise<void> {
  const names = z
    .array(z.string())
    .parse(await evaluate(configuration, "config: builtins.attrNames (config.system.build.images or { })", options));
  if (names.includes(image)) return;
  throw new MkimageError("RESOLVE_FAILED", `${describe(configuration)} has no image ${image}`, {
    details: names.length === 0 ? [] : [`its images are ${names.join(", ")}`],
    hint:
      names.length === 0
        ? "nixpkgs has system.build.images from 25.05 on; before, import the module of the variant, and name the system's store path"
        : "an image is declared by image.modules.NAME",
  });
}

/** An attribute of a file is a configuration, or the toplevel itself. */
async function resolveFile<Asked>(
  file: string,
  attributes: string,
  options: ResolveOptions<Asked>,
): Promise<ResolvedSystem<Asked>> {
  if (attributes === "" || (await isConfiguration(file, attributes, options))) {
    return buildSystem({ kind: "file", file, attributes }, options);
  }
  const toplevel = await buildInstallable(
    `building ${attributes} of ${file}`,
    fileArguments(file, attributes),
    options,
  );
  requireSystem(toplevel);
  return { toplevel };
}

async function isConfiguration(file: string, attributes: string, options: NixOptions): Promise<boolean> {
  const arguments_ = ["--json", ...fileArguments(file, attributes), "--apply", `value: value ? ${toplevelAttributes}`];
  return JSON.parse(await nix(`evaluating ${attributes} of ${file}`, "eval", arguments_, options)) === true;
}
