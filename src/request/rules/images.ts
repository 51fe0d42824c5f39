import type { Fault } from "../../base/schema/faults.ts";
import { labelFault } from "../../filesystems/mkfs/mkfs.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import { variantOf } from "../../variants/registry.ts";
import type { Request } from "../schema.ts";
import { type Namer, namesOf, type Rule } from "./rule.ts";

/** The rules of an image's form, and of what it is made from. */
export const rulesOfImages: readonly Rule[] = [
  deterministicHasASeed,
  argumentsNeedAFile,
  treeHasItsSizes,
  nobodyAnswersScripts,
  blockMapsAreOfRawImages,
  variantsDecide,
  labelHasRoom,
];

function deterministicHasASeed({ deterministic, seed }: Request, name: Namer): Fault | undefined {
  if (deterministic || seed === undefined) return undefined;
  return `${name("seed")}: has no meaning without ${name("deterministic")}; drop one of the two`;
}

function argumentsNeedAFile({ devices, arg, argstr, lib }: Request, name: Namer): Fault | undefined {
  const extra = namesOf(name, { arg: arg.length > 0, argstr: argstr.length > 0, lib: lib !== undefined });
  if (devices !== undefined && !devices.endsWith(".json")) return undefined;
  return extra && `${extra}: for a device tree in a Nix file; give one as ${name("devices")}`;
}

function treeHasItsSizes({ devices, size }: Request, name: Namer): Fault | undefined {
  if (devices === undefined || size === "auto") return undefined;
  return `${name("size")}: a device tree says how large its disks are; ${name("imageSize")} sets that of each`;
}

function nobodyAnswersScripts({ diskoScript, secret }: Request, name: Namer): Fault | undefined {
  if (diskoScript === undefined || secret.length === 0) return undefined;
  return `${name("secret")}: nobody types it for a script; let the tree name a passwordFile, and give that as ${name("preFormatFiles")}`;
}

function blockMapsAreOfRawImages({ bmap, format }: Request, name: Namer): Fault | undefined {
  if (!bmap || format === "raw") return undefined;
  return `${name("bmap")}: is of a raw image, and ${name("format")} is ${format}; drop one of the two`;
}

function variantsDecide(request: Request, name: Namer): Fault | undefined {
  const { variant } = request;
  if (variant === undefined) return undefined;
  const isRaw = variantOf(variant).format === "raw" && variantOf(variant).archive === undefined;
  const extra = namesOf(name, {
    format: request.format !== "raw",
    compress: request.compress !== undefined,
    devices: request.devices !== undefined,
    diskoScript: request.diskoScript !== undefined,
    onlyNixStore: request.onlyNixStore,
    bmap: request.bmap && !isRaw,
  });
  return extra && `${name("variant")}: ${variant} says what the image is; drop ${extra}`;
}

function labelHasRoom({ label, fsType = "ext4" }: Request, name: Namer): Fault | undefined {
  const option = filesystemOf(fsType).mkfs?.label;
  const fault = label === undefined || option === undefined ? undefined : labelFault(label, option);
  return fault && `${name("label")}: ${fault} with ${fsType}`;
}
