import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { recogniseInstaller } from "../bootloaders/recognise.ts";
import { localStore } from "../bootloaders/store-reader.ts";
import { MkimageError } from "../base/errors.ts";
import { findGrowth } from "../bootloaders/growth/find-growth.ts";
import { type Architecture, architectureOf } from "../guest/architecture.ts";
import { buildRoot, buildStoreRoot, placeConfiguration } from "../manifest/build-root.ts";
import { byteString, type ByteString, textOf } from "../base/byte-string.ts";
import { type ContentEntry, readContents } from "../manifest/contents.ts";
import type { DirectoryInode, FileInode, Timestamp } from "../manifest/inode.ts";
import { placeContents } from "../manifest/place-contents.ts";
import { readTree } from "../manifest/read-folder.ts";
import { copyRules } from "../manifest/read-rules.ts";
import { readRoot } from "../manifest/read-root.ts";
import { emptyDirectory, lookUp, type FilePlace } from "../manifest/tree.ts";
import { readStore } from "../manifest/read-store.ts";
import { folderOwnership } from "./plan/manifests.ts";
import type { ImageSource, InstalledSystem } from "./plan/source.ts";
import type { Request } from "../request/schema.ts";
import { type BootSettings, findBootSettings } from "../bootloaders/boot-settings.ts";
import type { Installer } from "../bootloaders/installer.ts";
import { readBootspec } from "../nix/bootspec.ts";
import type { Configuration } from "../nix/configuration.ts";
import type { ImageSettings } from "../nix/image-settings.ts";
import { sayingOnce } from "../nix/log/watch.ts";
import type { NixOptions } from "../nix/nix.ts";
import type { TaskReporter } from "../runtime/reporter.ts";
import { nixArgumentsOf } from "../request/nix-arguments.ts";
import { type Closure, queryClosure, readClosureInfo } from "../nix/closure.ts";
import { writeDatabase } from "../nix/database.ts";
import { resolveSystem } from "../nix/resolve.ts";
import { systemSourceFor } from "../nix/source.ts";
import { storePathAt } from "../nix/store-path-at.ts";
import { variantOf } from "../variants/registry.ts";
import { evaluateVariant, type VariantSettings } from "../variants/settings.ts";
import { chooseDevices, wantsOwnDisks } from "./choose-devices.ts";
import { chooseInstaller } from "./choose-installer.ts";
import { chooseScript } from "./choose-script.ts";
import type { BuildContext } from "./context.ts";
import { type ConfigurationSettings, evaluateSettings } from "./evaluate-settings.ts";
import { hookPathOf } from "./hook-path.ts";

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
  const nixOptions = nixOptionsOf(request, scratchFolder, context, task);
  if (request.root !== undefined) return prepareRoot(request, request.root, scratchFolder, context, nixOptions);
  const resolved = needsNoSystem(request, target) ? undefined : await resolve(request, target, nixOptions);
  const system = resolved?.system;
  const installer = chooseInstaller(request, system);
  const roots = [system?.toplevel, request.channel, ...request.additionalPaths]
    .flatMap((path) => path ?? [])
    .map(storePathAt);
  const closure = await closureOf(roots, request, nixOptions);
  const tree =
    system === undefined || request.onlyNixStore
      ? await storeTree(closure, context)
      : await systemTree(request, system, closure, scratchFolder, context);
  const time = timestamp(context.time);
  const contents = readContents(contentsOf(request), time);
  const owners = placeContents(tree, contents, time);
  return {
    tree: await chooseDevices(request, resolved?.configuration, context.reporter, nixOptions),
    script: await chooseScript(request, resolved?.configuration, nixOptions),
    variant: await variantSettings(request, resolved?.configuration, nixOptions),
    settings: resolved?.settings,
    hookPath: resolved?.settings === undefined ? [] : await hookPathOf(request, resolved.settings, nixOptions),
    system,
    ownInstaller: installer === undefined ? undefined : { ...installer, before: contentsAlone(request, time) },
    roots,
    storePaths: closure.paths.map(({ path, narSize }) => ({ path, narSize })),
    files: tree,
    asked: request.onlyNixStore ? [whole(tree)] : [...contents.flatMap(({ items }) => items), ...configuredIn(tree)],
    namedOwners: owners.map((owner) => ({ ...owner, path: textOf(owner.path) })),
    privateSources: privateSourcesOf(request),
  };
}

async function prepareRoot(
  request: Request,
  root: string,
  scratchFolder: string,
  context: BuildContext,
  nixOptions: NixOptions,
): Promise<ImageSource> {
  const files = await readRoot(root, {
    owner: request.owner === "root" ? "root" : "as-is",
    times: "as-is",
    scratchFolder,
    signal: context.signal,
  });
  const time = timestamp(context.time);
  placeContents(files, readContents(contentsOf(request), time), time);
  return {
    tree: await chooseDevices(request, undefined, context.reporter, nixOptions),
    script: await chooseScript(request, undefined, {}),
    variant: undefined,
    system: undefined,
    roots: ["root tree"],
    storePaths: [],
    files,
    asked: [whole(files)],
    namedOwners: [],
    privateSources: privateSourcesOf(request),
  };
}

/** Lists all contents. Files added after formatting differ only in where their bytes may be stored on the way. */
function contentsOf({ contents, postFormatFiles }: Request): ContentEntry[] {
  return [...contents, ...postFormatFiles.map(([source, target]) => ({ source, target }))];
}

/** The contents in an empty root. They are read once more, since each root has inodes of its own. */
function contentsAlone(request: Request, time: Timestamp): DirectoryInode {
  const root = emptyDirectory(folderOwnership(time.seconds));
  placeContents(root, readContents(contentsOf(request), time), time);
  if (request.configFile !== undefined) placeConfiguration(root, readFile(request.configFile), time);
  return root;
}

function whole(inode: DirectoryInode): FilePlace {
  return { path: "", inode };
}

/** Finds the configuration file that `--config` adds. */
function configuredIn(tree: DirectoryInode): FilePlace[] {
  const path = "etc/nixos/configuration.nix";
  const inode = lookUp(tree, path);
  return inode === undefined ? [] : [{ path, inode }];
}

/** They have been read by now, so they are there. */
function privateSourcesOf({ postFormatFiles }: Request): ByteString[] {
  return postFormatFiles.map(([source]): ByteString => realpathSync(source, "latin1"));
}

function needsNoSystem(request: Request, target: string | undefined): boolean {
  const isNamed = target !== undefined || request.file !== undefined;
  return request.onlyNixStore && !isNamed && request.additionalPaths.length > 0;
}

interface Resolved {
  readonly system: InstalledSystem;
  readonly configuration: Configuration | undefined;
  /** The settings of the configuration for its images. */
  readonly settings: ImageSettings | undefined;
}

/** The options of every call of Nix; its builds are held as long as the scratch folder is there. */
function nixOptionsOf(
  request: Request,
  scratchFolder: string,
  { signal, reporter }: BuildContext,
  task: TaskReporter,
): NixOptions {
  const watch = sayingOnce({ note: (text) => reporter.note(text), task });
  return { signal, nixArguments: nixArgumentsOf(request), rootsFolder: scratchFolder, watch };
}

async function resolve(request: Request, target: string | undefined, options: NixOptions): Promise<Resolved> {
  const source = systemSourceFor(target, request.file, request.attr);
  const found: { settings?: ConfigurationSettings } = {};
  const adjust = async (named: Configuration): Promise<Configuration> => {
    found.settings = await evaluateSettings(named, wantsOwnDisks(request), options);
    return found.settings.image.isExtended ? { ...named, isExtended: true } : named;
  };
  const { toplevel, configuration } = await resolveSystem(source, { ...options, image: request.variant, adjust });
  const bootspec = readBootspec(toplevel);
  const installer = recogniseInstaller({ toplevel, bootspec }, localStore);
  const { devices, firmware } = bootSettingsOf(installer, found.settings?.boot);
  const system = {
    toplevel,
    bootspec,
    architecture: architectureOfSystem(toplevel),
    installer,
    bootDevices: request.bootDevice.length > 0 ? request.bootDevice : devices,
    firmware,
    fstab: localStore.read(join(toplevel, "etc/fstab"))?.toString("utf8") ?? "",
    growth: await findGrowth(toplevel, localStore, options.signal === undefined ? {} : { signal: options.signal }),
  };
  return { system, configuration, settings: found.settings?.image };
}

async function variantSettings(
  { variant }: Request,
  configuration: Configuration | undefined,
  options: NixOptions,
): Promise<VariantSettings | undefined> {
  if (variant === undefined || configuration === undefined) return undefined;
  return evaluateVariant(variantOf(variant), configuration, options);
}

/** The settings of the configuration; where it has none, those of the built system. */
function bootSettingsOf(installer: Installer, evaluated: BootSettings | undefined): BootSettings {
  const built = findBootSettings(installer);
  if (evaluated === undefined) return built;
  const { devices, firmware } = evaluated;
  return { devices: devices.length > 0 ? devices : built.devices, firmware: firmware ?? built.firmware };
}

/** Systems of before 2014 do not say; they are of this machine's kind. */
function architectureOfSystem(toplevel: string): Architecture {
  const file = join(toplevel, "system");
  const name = existsSync(file) ? readFileSync(file, "utf8").trim() : "x86_64-linux";
  const architecture = architectureOf(name);
  if (architecture !== undefined) return architecture;
  throw new MkimageError("NOT_A_SYSTEM", `${toplevel} is a system for ${name}`, {
    hint: "images are made for x86_64-linux and aarch64-linux",
  });
}

async function closureOf(roots: readonly string[], request: Request, options: NixOptions): Promise<Closure> {
  return request.closureInfo === undefined ? queryClosure(roots, options) : readClosureInfo(request.closureInfo, roots);
}

async function storeTree(closure: Closure, { time }: BuildContext) {
  return buildStoreRoot(await readStore(closure), timestamp(time));
}

async function systemTree(
  request: Request,
  { toplevel }: InstalledSystem,
  closure: Closure,
  scratchFolder: string,
  context: BuildContext,
) {
  return buildRoot({
    store: await readStore(closure),
    database: writeDatabase(closure.paths, { registrationTime: Math.max(1, context.time), scratchFolder }),
    toplevel,
    channel: request.channel === undefined ? undefined : storePathAt(request.channel),
    configuration: request.configFile === undefined ? undefined : readFile(request.configFile),
    time: timestamp(context.time),
  });
}

function readFile(path: string): FileInode {
  const inode = readTree(byteString(realpathSync(path)), copyRules(timestamp(0)));
  if (inode.type === "file") return inode;
  throw new MkimageError("BAD_REQUEST", `the configuration ${path} is a ${inode.type}, not a file`);
}

function timestamp(seconds: number): Timestamp {
  return { seconds, nanoseconds: 0 };
}
