import { textOf } from "../base/byte-string.ts";
import { readContents } from "../manifest/contents.ts";
import { placeContents } from "../manifest/place-contents.ts";
import type { Configuration } from "../nix/configuration.ts";
import type { NixOptions } from "../nix/nix.ts";
import { nixSession } from "../nix/session.ts";
import { storeName } from "../nix/store-path.ts";
import { storePathAt } from "../nix/store-path-at.ts";
import { nixArgumentsOf } from "../request/nix-arguments.ts";
import type { Request } from "../request/schema.ts";
import type { TaskReporter } from "../runtime/reporter.ts";
import { variantOf } from "../variants/registry.ts";
import { evaluateVariant, type VariantSettings } from "../variants/settings.ts";
import { configuredIn, contentsAlone, contentsOf, privateSourcesOf, timestamp, whole } from "./added-files.ts";
import { chooseDevices } from "./choose-devices.ts";
import { chooseInstaller } from "./choose-installer.ts";
import { chooseScript } from "./choose-script.ts";
import type { BuildContext } from "./context.ts";
import { findSystem } from "./find-system.ts";
import { hookPathOf } from "./hook-path.ts";
import type { ImageSource } from "./plan/source.ts";
import { prepareRoot } from "./prepare-root.ts";
import { closureOf, systemFiles } from "./system-files.ts";

/**
 * Finds out what goes into an image: resolves the system, asks for its closure, and lists every file. Nothing is written
 * but for scratch files.
 *
 * @param target a flake reference, a path that leads into the store, or undefined for the flake in the current folder.
 * @param task hears what Nix builds.
 * @throws MkimageError RESOLVE_FAILED, NOT_A_SYSTEM, BAD_REQUEST.
 */
export async function prepare(
  request: Request,
  target: string | undefined,
  scratchFolder: string,
  context: BuildContext,
  task: TaskReporter,
): Promise<ImageSource> {
  const { signal, reporter } = context;
  const nixArguments = nixArgumentsOf(request);
  const onNote = (text: string) => reporter.note(text);
  const nixOptions = nixSession({ signal, nixArguments, rootsFolder: scratchFolder, onNote, task });
  if (request.root !== undefined) return prepareRoot(request, request.root, scratchFolder, context, nixOptions);
  const evaluated = target === undefined ? undefined : context.evaluated?.get(target);
  const { system, configuration, settings } = (await findSystem(request, target, nixOptions, evaluated)) ?? {};
  const installer = chooseInstaller(request, system);
  const roots = [system?.toplevel, request.channel, ...request.additionalPaths]
    .flatMap((path) => path ?? [])
    .map(storePathAt);
  const closure = await closureOf(roots, request, nixOptions);
  const tree = await systemFiles(request, system, closure, scratchFolder, context);
  const time = timestamp(context.time);
  const contents = readContents(contentsOf(request), time);
  const owners = placeContents(tree, contents, time);
  return {
    tree: await chooseDevices(request, configuration, context.reporter, nixOptions),
    script: await chooseScript(request, configuration, nixOptions),
    variant: await variantSettings(request, configuration, nixOptions),
    settings,
    hookPath: settings === undefined ? [] : await hookPathOf(request, settings, nixOptions),
    system,
    ownInstaller: installer === undefined ? undefined : { ...installer, before: contentsAlone(request, time) },
    roots,
    storePaths: closure.paths.map(({ path, narSize }) => ({ path, narSize })),
    storeSums: new Map(closure.paths.map(({ path, narHash }) => [storeName(path), narHash])),
    files: tree,
    asked: request.onlyNixStore ? [whole(tree)] : [...contents.flatMap(({ items }) => items), ...configuredIn(tree)],
    namedOwners: owners.map((owner) => ({ ...owner, path: textOf(owner.path) })),
    privateSources: privateSourcesOf(request),
  };
}

async function variantSettings(
  { variant }: Request,
  configuration: Configuration | undefined,
  options: NixOptions,
): Promise<VariantSettings | undefined> {
  if (variant === undefined || configuration === undefined) return undefined;
  return evaluateVariant(variantOf(variant), configuration, options);
}
