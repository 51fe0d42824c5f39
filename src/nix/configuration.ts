import * as z from "zod";
import { MkimageError } from "../base/errors.ts";
import { extendedByImageBuilder } from "./image-settings.ts";
import { nix, type NixOptions, rootLink } from "./nix.ts";
import { realise } from "./realise.ts";

/** An evaluated NixOS configuration: where its `config` is found again. */
export type Configuration = (
  | { readonly kind: "flake"; readonly flake: string; readonly name: string }
  /** `attributes` leads to the set that has `config`; empty for the file itself. */
  | { readonly kind: "file"; readonly file: string; readonly attributes: string }
) & {
  /** One of its `system.build.images`, whose own configuration is meant. */
  readonly image?: string | undefined;
  /** Whether the modules that disko has for images are part of it. */
  readonly isExtended?: boolean | undefined;
};

/**
 * The value of a Nix function applied to `config`.
 *
 * @param apply a Nix function; it must leave out what JSON cannot hold.
 * @throws MkimageError RESOLVE_FAILED with Nix's own words.
 */
export async function evaluate(
  configuration: Configuration,
  apply: string,
  options: NixOptions = {},
): Promise<unknown> {
  return evaluateAt(configuration, "config", apply, options);
}

/** As `evaluate`, with the function applied to what `nixosSystem` gives: the set that has `config`. */
export async function evaluateWhole(
  configuration: Configuration,
  apply: string,
  options: NixOptions = {},
): Promise<unknown> {
  return evaluateAt(configuration, "", apply, options);
}

async function evaluateAt(
  configuration: Configuration,
  attributes: "config" | "",
  apply: string,
  options: NixOptions,
): Promise<unknown> {
  const arguments_ = ["--json", ...applied(configuration, attributes, apply)];
  return JSON.parse(await nix(`evaluating ${describe(configuration)}`, "eval", arguments_, options));
}

/**
 * The arguments by which `nix eval` applies a function to an attribute of a configuration. Pure.
 *
 * @param attributes `config`, or nothing: what `nixosSystem` gives.
 */
export function applied(configuration: Configuration, attributes: "config" | "", apply: string): string[] {
  if (configuration.isExtended !== true) return [...installable(configuration, attributes), "--apply", apply];
  const inner = attributes === "" ? "" : `.${attributes}`;
  const extended = `whole: (${apply}) ((${extendedByImageBuilder}) whole)${inner}`;
  return [...installable(configuration, ""), "--apply", extended];
}

/**
 * Builds an attribute of a configuration, such as `config.system.build.toplevel`, and gives its store path.
 *
 * @throws MkimageError RESOLVE_FAILED with Nix's own words.
 */
export async function build(
  configuration: Configuration,
  attributes: string,
  options: NixOptions = {},
): Promise<string> {
  const purpose = `building ${attributes} of ${describe(configuration)}`;
  if (configuration.isExtended !== true)
    return buildInstallable(purpose, installable(configuration, attributes), options);
  const derivation = await evaluateWhole(configuration, `whole: whole.${attributes}.drvPath`, options);
  return realise(purpose, z.string().parse(derivation), options);
}

const builtSchema = z.tuple([z.object({ outputs: z.record(z.string(), z.string()) })]).rest(z.unknown());

/**
 * Builds what some arguments of `nix build` name, and gives the store path of its output `out`.
 *
 * @throws MkimageError RESOLVE_FAILED with Nix's own words.
 */
export async function buildInstallable(
  purpose: string,
  arguments_: readonly string[],
  options: NixOptions = {},
): Promise<string> {
  const text = await nix(purpose, "build", ["--json", ...linkArguments(options), ...arguments_], options);
  const built = builtSchema.safeParse(JSON.parse(text));
  const path = built.data?.[0].outputs["out"];
  if (path !== undefined) return path;
  throw new MkimageError("RESOLVE_FAILED", `${purpose}: Nix names no output \`out\``, { details: [text.trim()] });
}

function linkArguments(options: NixOptions): string[] {
  const link = rootLink(options);
  return link === undefined ? ["--no-link"] : ["--out-link", link];
}

/** The arguments that name an attribute of a configuration to `nix build` and `nix eval`. Pure. */
export function installable(configuration: Configuration, attributes: string): string[] {
  const { image } = configuration;
  const own = joined(
    image === undefined ? "" : `config.system.build.images.${attributeName(image)}.passthru`,
    attributes,
  );
  if (configuration.kind === "file") return fileArguments(configuration.file, joined(configuration.attributes, own));
  const name = `nixosConfigurations.${attributeName(configuration.name)}`;
  return [flakeInstallable(configuration.flake, joined(name, own))];
}

/** The arguments that name an attribute of a Nix file. Pure. */
export function fileArguments(file: string, attributes: string): string[] {
  return ["--impure", "--file", file, attributes];
}

/** `FLAKE#ATTRIBUTES`; the part after # is percent-decoded by Nix, so that what a URL cannot hold is encoded. Pure. */
export function flakeInstallable(flake: string, attributes: string): string {
  return `${flake}#${encodeURIComponent(attributes)}`;
}

/** A name as it stands in an attribute path: quoted unless it is a plain word. Pure. */
export function attributeName(name: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(name) ? name : `"${name}"`;
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(".");
}

/** A configuration, for messages. Pure. */
export function describe(configuration: Configuration): string {
  const { image, ...whole } = configuration;
  if (image !== undefined) return `the image ${image} of ${describe(whole)}`;
  if (configuration.kind === "flake") return `${configuration.flake}#${configuration.name}`;
  return configuration.attributes === "" ? configuration.file : `${configuration.attributes} of ${configuration.file}`;
}
