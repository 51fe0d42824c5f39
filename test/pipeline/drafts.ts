import { emptyInstallation } from "../../src/bootloaders/installation.ts";
import { type BootFirmware, firmwareOfInstaller } from "../../src/bootloaders/boot-firmware.ts";
import { placesOf } from "../../src/bootloaders/systemd-boot/builder.ts";
import { readSystemdBootConstants } from "../../src/bootloaders/systemd-boot/constants.ts";
import { SystemdBootHost } from "../../src/bootloaders/systemd-boot/host.ts";
import type { Installer } from "../../src/bootloaders/installer.ts";
import { emptyDirectory } from "../../src/manifest/tree.ts";
import type { ToolVersions } from "../../src/filesystems/survey.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import { type Draft, surveyOf } from "../../src/pipeline/draft.ts";
import { drawBlueprint } from "../../src/pipeline/plan/blueprint.ts";
import { folderOwnership } from "../../src/pipeline/plan/manifests.ts";
import { recipeOf } from "../../src/pipeline/plan/recipe.ts";
import type { ImageSource, InstalledSystem, OwnInstaller, Script } from "../../src/pipeline/plan/source.ts";
import type { VariantSettings } from "../../src/variants/settings.ts";
import { bootspec } from "../bootloaders/sample-system.ts";
import { builder2505 } from "../bootloaders/systemd-boot/builders.ts";
import { parseRequest, type RawRequest } from "../../src/request/parse.ts";

/** The parts of a draft, besides its request. */
export interface DraftSource {
  readonly tree?: DeviceTree;
  readonly script?: Script;
  /** The settings in the configuration of an image variant. */
  readonly variant?: VariantSettings;
  /** Default: there is no system. */
  readonly installer?: Installer;
  readonly files?: DirectoryInode;
  readonly bootDevices?: readonly string[];
  /** Default: what the installer says by itself. */
  readonly firmware?: BootFirmware;
  readonly fstab?: string;
  readonly ownInstaller?: OwnInstaller;
}

/** An image of a system that is nowhere, planned without a look at this machine. */
export function draftOf(request: RawRequest, source: DraftSource = {}): Draft {
  const options = { time: 1, randomSeed: "", disks: undefined };
  const blueprint = drawBlueprint(parseRequest({}, request), imageSource(source), options);
  const versions: ToolVersions = new Map();
  const survey = surveyOf({ blueprint, versions }, emptyInstallation);
  const plan = survey.plan(blueprint.request.additionalSpace);
  return { blueprint, versions, installation: emptyInstallation, survey, plan, recipe: recipeOf(blueprint, plan) };
}

function imageSource({ tree, script, variant, installer, files, ownInstaller, ...settings }: DraftSource): ImageSource {
  return {
    tree,
    script,
    ownInstaller,
    variant,
    system: installer === undefined ? undefined : systemWith(installer, settings),
    roots: [],
    storePaths: [],
    storeSums: new Map(),
    files: files ?? emptyDirectory(folderOwnership(1)),
    asked: [],
    namedOwners: [],
    privateSources: [],
  };
}

const nothingGrows = { how: null, reason: "nothing grows" } as const;

function systemWith(
  installer: Installer,
  { bootDevices = [], firmware = firmwareOfInstaller(installer, []), fstab = "" }: DraftSource,
): InstalledSystem {
  return {
    toplevel: "/nix/store/00000000000000000000000000000000-system",
    architecture: process.arch === "arm64" ? "aarch64" : "x86_64",
    bootspec: undefined,
    installer,
    bootDevices,
    firmware,
    fstab,
    growth: { partition: nothingGrows, filesystem: nothingGrows },
  };
}

/** GRUB runs in a guest only. */
export const grub: Installer = { kind: "grub", command: "/install", reason: "GRUB is installed by its own program" };

/** A systemd-boot that the host can lay out at these places. */
export function systemdBoot(espMountPoint: string, bootMountPoint = espMountPoint): Installer {
  const constants = readSystemdBootConstants(builder2505({ efiSysMountPoint: espMountPoint, bootMountPoint }));
  const builder = { path: "/builder", constants, extraFiles: [], systemdVersion: 257 };
  const host = new SystemdBootHost(builder, bootspec);
  return { kind: "systemd-boot", command: "/install", places: placesOf(constants), host };
}

/** A `nixos-install` of a system that has Nix. */
export const nixosInstall: OwnInstaller = {
  program: "/nix/store/00000000000000000000000000000000-system/sw/bin/nixos-install",
  storePaths: [],
  tools: [],
  before: emptyDirectory(folderOwnership(1)),
};
