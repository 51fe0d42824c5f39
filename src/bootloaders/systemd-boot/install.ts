import { createHash } from "node:crypto";
import type { Bootspec } from "../../nix/bootspec.ts";
import { MkimageError } from "../../base/errors.ts";
import { byteString } from "../../base/byte-string.ts";
import type { SystemdBootConstants } from "./constants.ts";
import { BootTree } from "./boot-tree.ts";
import { bootFolders, entriesSpecification, espFolders, loaderFiles } from "./bootctl.ts";
import { emptyInstallation, type Installation } from "../installation.ts";
import type { HostInstallOptions } from "../host-installer.ts";
import type { SystemdBootBuilder } from "./builder.ts";
import type { StoreFile, StoreReader } from "../store-reader.ts";
import { entryFile, type EntryFile, renderLoaderConf } from "./entry.ts";

/** The builder to stand in for, and the system to install. */
interface SystemdBootOptions extends HostInstallOptions {
  readonly builder: SystemdBootBuilder;
  readonly bootspec: Bootspec;
}

/**
 * Lays systemd-boot out for a new image with one generation of the system, as the system's own builder and bootctl
 * would. Files of the store are named, not read. There is no random seed: it would be the same in every copy of an image.
 *
 * @throws MkimageError RESOLVE_FAILED when a file that `recogniseInstaller` has seen is gone.
 */
export function installSystemdBoot(options: SystemdBootOptions, store: StoreReader): Installation {
  const { espMountPoint, bootMountPoint } = options.builder.constants;
  const mtime = { seconds: options.time, nanoseconds: 0 };
  const esp = new BootTree(mtime);
  const boot = bootMountPoint === espMountPoint ? esp : new BootTree(mtime);
  runBootctl(options, { esp, boot }, store);
  writeEntries(options, { esp, boot }, store);
  copyExtraFiles(options, { esp, boot }, store);
  const trees = [[bootMountPoint, boot.root] as const, [espMountPoint, esp.root] as const];
  return { ...emptyInstallation, trees: new Map(trees.map(([path, tree]) => [byteString(path), tree])) };
}

interface Trees {
  readonly esp: BootTree;
  readonly boot: BootTree;
}

function runBootctl({ builder, bootspec }: SystemdBootOptions, { esp, boot }: Trees, store: StoreReader): void {
  for (const folder of espFolders(builder.systemdVersion)) esp.makeFolder(folder);
  for (const folder of bootFolders) boot.makeFolder(folder);
  boot.putText(entriesSpecification.path, entriesSpecification.text);
  for (const { source, targets } of loaderFiles(builder.constants.systemd, bootspec.system, store)) {
    for (const target of targets) esp.putFile(target, located(source, store));
  }
}

/** The number of the one generation that a new image has. */
const generation = 1;

function writeEntries(options: SystemdBootOptions, { esp, boot }: Trees, store: StoreReader): void {
  const { constants } = options.builder;
  boot.makeFolder(constants.nixosFolder);
  const { id } = writeEntry(options, undefined, boot, store);
  for (const specialisation of Object.keys(options.bootspec.specialisations)) {
    writeEntry(options, specialisation, boot, store);
  }
  esp.putText("loader/loader.conf", renderLoaderConf(id, constants));
}

function writeEntry(
  options: SystemdBootOptions,
  specialisation: string | undefined,
  boot: BootTree,
  store: StoreReader,
): EntryFile {
  const { constants } = options.builder;
  const bootspec = specialisation === undefined ? options.bootspec : options.bootspec.specialisations[specialisation];
  if (bootspec?.initrd === undefined) throw gone(`the initrd of ${specialisation ?? "the system"}`);
  const devicetree = constants.devicetree === "written" ? bootspec.systemdBoot.devicetree : undefined;
  const entry = {
    generation,
    specialisation,
    bootspec,
    kernel: copyToBoot(bootspec.kernel, options.builder, boot, store),
    initrd: copyInitrd(
      { initrdSecrets: bootspec.initrdSecrets, initrd: bootspec.initrd },
      options.builder,
      boot,
      store,
    ),
    devicetree: devicetree === undefined ? undefined : copyToBoot(devicetree, options.builder, boot, store),
    built: options.time,
    machineId: options.machineId,
  };
  const file = entryFile(entry, constants);
  boot.putText(`loader/entries/${file.name}`, file.text);
  return file;
}

function copyToBoot(path: string, { constants }: SystemdBootBuilder, boot: BootTree, store: StoreReader): string {
  const file = located(path, store);
  const target = placeOnBoot(file, constants);
  boot.putFile(target, file);
  return target;
}

/** Where entries go by their content, an initrd that may get secrets goes by itself and by what adds them. */
function copyInitrd(
  { initrd, initrdSecrets }: { readonly initrd: string; readonly initrdSecrets: string | undefined },
  builder: SystemdBootBuilder,
  boot: BootTree,
  store: StoreReader,
): string {
  const { constants } = builder;
  if (constants.entryNames === "generation" || initrdSecrets === undefined)
    return copyToBoot(initrd, builder, boot, store);
  const file = located(initrd, store);
  const places = [file, located(initrdSecrets, store)].map((each) => placeOnBoot(each, constants));
  const target = `${constants.nixosFolder}/${createHash("sha256").update(places.join("\n")).digest("hex")}-initrd.efi`;
  boot.putFile(target, file);
  return target;
}

function placeOnBoot(file: StoreFile, { nixosFolder, namesByStorePath }: SystemdBootConstants): string {
  return `${nixosFolder}/${kernelName(file.path, namesByStorePath)}`;
}

/** `HASH-linux-6.12-bzImage.efi`; a file that is a store path itself keeps its name where names go by store paths. */
function kernelName(path: string, namesByStorePath: boolean): string {
  const names = path.split("/");
  const last = names.at(-1) ?? "";
  if (!namesByStorePath) return `${names.at(-2) ?? ""}-${last}.efi`;
  const storeName = names[3] ?? "";
  return last === storeName ? `${last}.efi` : `${storeName}-${last}.efi`;
}

function copyExtraFiles({ builder }: SystemdBootOptions, { esp, boot }: Trees, store: StoreReader): void {
  const { espMountPoint, bootMountPoint, nixosFolder } = builder.constants;
  boot.makeFolder(`${nixosFolder}/.extra-files`);
  const mounts = [
    { mountPoint: espMountPoint, tree: esp },
    { mountPoint: bootMountPoint, tree: boot },
  ].toSorted((left, right) => right.mountPoint.length - left.mountPoint.length);
  for (const { source, target } of builder.extraFiles) {
    const mount = mounts.find(({ mountPoint }) => target.startsWith(`${mountPoint}/`));
    if (mount === undefined) throw gone(`the mount point of ${target}`);
    const path = target.slice(mount.mountPoint.length + 1);
    if (source === undefined) mount.tree.putText(path, "");
    else mount.tree.putFile(path, located(source, store));
  }
}

function located(path: string, store: StoreReader): StoreFile {
  const file = store.locate(path);
  if (file === undefined) throw gone(path);
  return file;
}

function gone(what: string): MkimageError {
  return new MkimageError("RESOLVE_FAILED", `${what} is missing, which the bootloader's files are made of`, {
    hint: "repair the store with `nix-store --verify --check-contents --repair`, or use --engine guest",
  });
}
