import type { Fault } from "../base/schema/faults.ts";
import { layoutsWithEfiVariables } from "../devices/presets/choices.ts";
import { variantOf } from "../variants/registry.ts";
import { labelFault } from "../filesystems/mkfs/mkfs.ts";
import { filesystemOf } from "../filesystems/registry.ts";
import type { Request } from "./schema.ts";

/** Returns the faults of a request whose values are valid one by one but not together. Each line says what to do. */
export function contradictions(request: Request): Fault[] {
  const isPreset = request.partition !== undefined || request.onlyNixStore || request.root !== undefined;
  return [
    ...rules.flatMap((rule) => rule(request) ?? []),
    ...(request.devices === undefined ? [] : contradictionsWithTree(request)),
    ...(request.devices === undefined && isPreset ? contradictionsWithPreset(request) : []),
  ];
}

/** As `contradictions`, where the disks turn out to be those of a device tree. */
export function contradictionsWithTree(request: Request): Fault[] {
  return [treeStandsAlone(request) ?? []].flat();
}

/** As `contradictions`, where the disks turn out to be those of a partition table from this program. */
export function contradictionsWithPreset(request: Request): Fault[] {
  return [efiVariablesNeedTheirLayouts, imageSizesNeedATree, scriptsNeedATree, bootPartitionHasRoom].flatMap(
    (rule) => rule(request) ?? [],
  );
}

/** Whether the bootloader is to be installed: unless told otherwise, wherever there is a whole system. */
export function installsBootLoader(request: Request): boolean {
  return request.installBootLoader ?? !(request.onlyNixStore || request.root !== undefined);
}

type Rule = (request: Request) => Fault | undefined;

const rules: readonly Rule[] = [
  efiVariablesNeedAnInstaller,
  storeOnlyTakesNothingElse,
  ownersComeInPairs,
  variablesNeedFirmware,
  fileAndAttribute,
  rootStandsAlone,
  nixosInstallDoesAll,
  deterministicHasASeed,
  argumentsNeedAFile,
  treeHasItsSizes,
  nobodyAnswersScripts,
  blockMapsAreOfRawImages,
  variantsDecide,
  labelHasRoom,
];

function efiVariablesNeedTheirLayouts({ touchEfiVars, partition }: Request): Fault | undefined {
  if (!touchEfiVars || layoutsWithEfiVariables.includes(partition ?? "legacy")) return undefined;
  return `touchEfiVars: not with partition ${partition ?? "legacy"}; use ${layoutsWithEfiVariables.join(", ")}`;
}

function efiVariablesNeedAnInstaller(request: Request): Fault | undefined {
  if (!request.touchEfiVars || installsBootLoader(request)) return undefined;
  return "touchEfiVars: nothing writes EFI variables when no bootloader is installed; drop one of the two";
}

function storeOnlyTakesNothingElse(request: Request): Fault | undefined {
  if (!request.onlyNixStore) return undefined;
  const extra = [
    request.contents.length > 0 ? "contents" : "",
    request.configFile === undefined ? "" : "configFile",
    request.channel === undefined ? "" : "channel",
    request.installBootLoader === true ? "installBootLoader" : "",
  ].filter((key) => key !== "");
  return extra.length === 0 ? undefined : `onlyNixStore: the image holds store paths only; drop ${extra.join(", ")}`;
}

function ownersComeInPairs({ contents }: Request): Fault | undefined {
  const alone = contents.filter((content) => (content.user === undefined) !== (content.group === undefined));
  if (alone.length === 0) return undefined;
  return `contents: set both user and group, or neither (${alone.map((content) => content.target).join(", ")})`;
}

function variablesNeedFirmware({ firmware, variables }: Request): Fault | undefined {
  return (firmware === undefined) === (variables === undefined)
    ? undefined
    : "firmware and variables belong together: give both or neither";
}

function fileAndAttribute({ file, attr }: Request): Fault | undefined {
  return attr !== undefined && file === undefined
    ? "attr: names an attribute of a Nix file; give file as well"
    : undefined;
}

function rootStandsAlone(request: Request): Fault | undefined {
  if (request.root === undefined) return undefined;
  const extra = systemKeys(request);
  return extra.length === 0
    ? undefined
    : `root: a root tree of one's own takes no Nix system; drop ${extra.join(", ")}`;
}

function nixosInstallDoesAll(request: Request): Fault | undefined {
  if (request.installer !== "nixos-install") return undefined;
  const extra = [
    request.root === undefined ? "" : "root",
    request.onlyNixStore ? "onlyNixStore" : "",
    request.engine === "host" ? "engine host" : "",
    request.capture.length === 0 ? "" : "capture",
  ].filter((key) => key !== "");
  if (extra.length === 0) return undefined;
  return `installer: nixos-install installs a whole NixOS system in a guest, and all that it leaves is kept; drop ${extra.join(", ")}`;
}

/** Whether an option is about a system, so that there has to be one. */
export function needsSystem(request: Request): boolean {
  const isOfSystem = request.touchEfiVars || request.diskoScript === "auto" || request.installer === "nixos-install";
  return systemKeys(request).length > 0 || isOfSystem;
}

/** The options that are about a system, by their keys. */
function systemKeys(request: Request): string[] {
  return [
    request.file === undefined ? "" : "file",
    request.closureInfo === undefined ? "" : "closureInfo",
    request.onlyNixStore ? "onlyNixStore" : "",
    request.channel === undefined ? "" : "channel",
    request.additionalPaths.length === 0 ? "" : "additionalPaths",
    request.configFile === undefined ? "" : "configFile",
    request.installBootLoader === true ? "installBootLoader" : "",
  ].filter((key) => key !== "");
}

function deterministicHasASeed({ deterministic, seed }: Request): Fault | undefined {
  return !deterministic && seed !== undefined
    ? "seed: has no meaning without deterministic; drop one of the two"
    : undefined;
}

function labelHasRoom({ label, fsType = "ext4" }: Request): Fault | undefined {
  const option = filesystemOf(fsType).mkfs?.label;
  const fault = label === undefined || option === undefined ? undefined : labelFault(label, option);
  return fault === undefined ? undefined : `label: ${fault} with ${fsType}`;
}

function treeStandsAlone({ partition, fsType, label }: Request): Fault | undefined {
  const extra = [
    partition === undefined ? "" : "partition",
    fsType === undefined ? "" : "fsType",
    label === undefined ? "" : "label",
  ].filter((key) => key !== "");
  if (extra.length === 0) return undefined;
  return `devices: the device tree says how disks are laid out; drop ${extra.join(", ")}`;
}

function treeHasItsSizes({ devices, size }: Request): Fault | undefined {
  if (devices === undefined || size === "auto") return undefined;
  return "size: a device tree says how large its disks are; imageSize sets that of each";
}

function imageSizesNeedATree({ imageSize }: Request): Fault | undefined {
  return imageSize.length > 0 ? "imageSize: is for a device tree; use size" : undefined;
}

function scriptsNeedATree({ diskoScript }: Request): Fault | undefined {
  return diskoScript === undefined ? undefined : "diskoScript: makes the disks of a device tree; give it as devices";
}

function nobodyAnswersScripts({ diskoScript, secret }: Request): Fault | undefined {
  if (diskoScript === undefined || secret.length === 0) return undefined;
  return "secret: nobody types it for a script; let the tree name a passwordFile, and give that as preFormatFiles";
}

function variantsDecide({
  variant,
  format,
  compress,
  devices,
  diskoScript,
  onlyNixStore,
  bmap,
}: Request): Fault | undefined {
  if (variant === undefined) return undefined;
  const isRaw = variantOf(variant).format === "raw" && variantOf(variant).archive === undefined;
  const extra = [
    format === "raw" ? "" : "format",
    compress === undefined ? "" : "compress",
    devices === undefined ? "" : "devices",
    diskoScript === undefined ? "" : "diskoScript",
    onlyNixStore ? "onlyNixStore" : "",
    bmap && !isRaw ? "bmap" : "",
  ].filter((key) => key !== "");
  return extra.length === 0 ? undefined : `variant: ${variant} says what the image is; drop ${extra.join(", ")}`;
}

function blockMapsAreOfRawImages({ bmap, format }: Request): Fault | undefined {
  return bmap && format !== "raw" ? `bmap: is of a raw image, and format is ${format}; drop one of the two` : undefined;
}

function argumentsNeedAFile({ devices, arg, argstr, lib }: Request): Fault | undefined {
  const extra = [
    arg.length === 0 ? "" : "arg",
    argstr.length === 0 ? "" : "argstr",
    lib === undefined ? "" : "lib",
  ].filter((key) => key !== "");
  if (extra.length === 0 || (devices !== undefined && !devices.endsWith(".json"))) return undefined;
  return `${extra.join(", ")}: for a device tree in a Nix file; give one as devices`;
}

function bootPartitionHasRoom({ partition, bootSize }: Request): Fault | undefined {
  const start = { "legacy+boot": 1, efi: 8, hybrid: 8, efixbootldr: 100 }[partition as string];
  const least = (start ?? 0) + 4;
  if (start === undefined || bootSize >= least * 1024 ** 2) return undefined;
  return `bootSize: is where the boot partition ends; with partition ${partition} at least ${least}M (given: ${bootSize} bytes)`;
}
