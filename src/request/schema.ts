import * as z from "zod";
import { formatNames } from "../image/formats/registry.ts";
import { compressorNames } from "../image/packings/compressors.ts";
import { partitions, usualRootGuid } from "../devices/presets/choices.ts";
import { rootFilesystems } from "../filesystems/registry.ts";
import { variantNames } from "../variants/registry.ts";
import { notMade } from "../variants/not-made.ts";
import { suggest } from "../base/schema/suggest.ts";
import { diskSize, fileName, namedFile, size, targetPath, uuid } from "./values.ts";
import type { Given } from "./written.ts";

const filePath = z.string().min(1, "a path is not empty").meta({ placeholder: "PATH" });

/** The installers of a system. */
const installers = ["built-in", "nixos-install"] as const;

/** A file of this machine, and the absolute path that it gets. */
const filePair = z.tuple([filePath, targetPath]);

/** The name and the value of an argument of a Nix function. */
const nixArgument = z.tuple([z.string().min(1), z.string()]);

/** One entry of `contents`: files of this machine that are copied into the image. */
export const contentSchema = z
  .strictObject({
    source: filePath.describe("file or folder on this machine; * and ? stand for any part of a name"),
    target: targetPath.describe("absolute path in the image"),
    mode: z
      .string()
      .regex(/^[0-7]{3,4}$/, "a mode has three or four octal digits")
      .optional()
      .describe("permissions of the copied entries, octal"),
    user: z.string().min(1).optional().describe("owner: a name or a number; goes with group"),
    group: z.string().min(1).optional().describe("group: a name or a number; goes with user"),
  })
  .meta({ id: "content", placeholder: "source=PATH,target=PATH[,mode=…,user=…,group=…]" });

/**
 * Everything that a build can be asked for. Flags, the keys of a `--config` file, the table in the README and the JSON
 * Schema all come from here. Sizes are in bytes once parsed.
 */
export const requestSchema = z.strictObject({
  partition: z
    .enum(partitions)
    .optional()
    .describe("partition table: the system's own disko.devices when not given, else the one that its bootloader needs"),
  devices: filePath
    .optional()
    .describe("JSON or Nix file with a device tree in disko's schema, in place of a partition table"),
  arg: z
    .array(nixArgument)
    .default([])
    .meta({ placeholder: "NAME EXPRESSION" })
    .describe("argument of the function in a device tree's file, in Nix"),
  argstr: z
    .array(nixArgument)
    .default([])
    .meta({ placeholder: "NAME TEXT" })
    .describe("argument of the function in a device tree's file, as text"),
  lib: filePath
    .optional()
    .describe("folder of nixpkgs, for device trees that need lib: the one in NIX_PATH when not given"),
  impure: z.boolean().default(false).describe("let Nix see the environment and files outside of the flake"),
  overrideInput: z
    .array(nixArgument)
    .default([])
    .meta({ placeholder: "NAME REFERENCE" })
    .describe("another flake in place of an input of the system's"),
  option: z
    .array(nixArgument)
    .default([])
    .meta({ placeholder: "NAME VALUE" })
    .describe("setting for Nix, as in nix.conf"),
  showTrace: z.boolean().default(false).describe("have Nix show where an error comes from"),
  diskoScript: filePath
    .optional()
    .meta({ placeholder: "auto|PATH" })
    .describe("script that makes the disks of a device tree in a guest, in place of mkimage: auto is the system's own"),
  imageSize: z
    .array(diskSize)
    .default([])
    .meta({ placeholder: "[DISK=]SIZE" })
    .describe("size of the disks of a device tree, or of one of them: wins over the tree's own"),
  preFormatFiles: z
    .array(filePair)
    .default([])
    .meta({ placeholder: "FROM TO" })
    .describe(
      "file of this machine that the guest has at this path while it makes the disks, such as a key; memory only",
    ),
  postFormatFiles: z
    .array(filePair)
    .default([])
    .meta({ placeholder: "FROM TO" })
    .describe("file or folder of this machine to put into the image, kept off this machine's disks in clear"),
  secret: z
    .array(namedFile)
    .default([])
    .meta({ placeholder: "NAME=FILE" })
    .describe("file with the password of the LUKS container NAME, where its node asks for one; memory only"),
  variant: z
    .enum(variantNames, { error: ({ input }) => variantFault(input) })
    .optional()
    .describe("image for a cloud or a hypervisor, by nixpkgs' name in system.build.images: list shows what each is"),
  format: z.enum(formatNames).default("raw").describe("image format"),
  compression: z
    .enum(["zlib", "zstd"])
    .default("zlib")
    .describe("of qcow2-compressed; zstd needs QEMU 5.1 or newer to read"),
  compress: z
    .enum(compressorNames)
    .optional()
    .describe("compress the image's file as a whole; any part of one by zstd can be read without the rest"),
  bmap: z.boolean().default(false).describe("put a block map for bmaptool beside a raw image, compressed or not"),
  size: z
    .union([z.literal("auto"), size])
    .prefault("auto")
    .meta({ placeholder: "SIZE" })
    .describe("size of the disk, or auto: what the contents need"),
  additionalSpace: size.prefault("512M").describe("free space on the root filesystem when the size is auto"),
  bootSize: size.prefault("256M").describe("end of the boot partition, counted from the start of the disk"),
  contents: z.array(contentSchema).default([]).describe("files to copy into the image"),
  installBootLoader: z
    .boolean()
    .optional()
    .describe("install the system's bootloader: yes, unless only-nix-store or root"),
  touchEfiVars: z
    .boolean()
    .default(false)
    .describe("let the bootloader write EFI variables, and publish them as efi-vars.fd"),
  firmware: filePath.optional().describe("UEFI firmware for the guest; found by QEMU's descriptors when not given"),
  variables: filePath.optional().describe("template of the UEFI variables that belong to the firmware"),
  fsType: z
    .enum(rootFilesystems)
    .optional()
    .describe("filesystem of the root partition: as the system's fstab has it when not given, else ext4"),
  label: z
    .string()
    .min(1)
    .optional()
    .meta({ placeholder: "LABEL" })
    .describe(
      "label of the root filesystem: the one that the system's fstab looks for, else nixos, or nix-store with only-nix-store",
    ),
  configFile: filePath.optional().describe("becomes /etc/nixos/configuration.nix"),
  postVm: z
    .string()
    .default("")
    .meta({ placeholder: "SHELL" })
    .describe("shell commands run on this machine when the image exists, with $diskImage and $out set"),
  memSize: z
    .int()
    .min(128, "a guest needs 128 MiB")
    .default(1024)
    .meta({ placeholder: "MIB", alias: "build-memory" })
    .describe("memory of the guest in MiB"),
  onlyNixStore: z.boolean().default(false).describe("only store paths, at the root of the filesystem"),
  name: fileName.default("nixos-disk-image").describe("name of the image in reports"),
  baseName: fileName.default("nixos").describe("name of the image file, without its ending"),
  deterministic: z
    .boolean()
    .default(true)
    .describe("derive every identifier and time from the input; random identifiers otherwise"),
  rootGpuid: uuid.default(usualRootGuid).describe("GUID of the root partition"),
  rootFsuid: uuid
    .optional()
    .describe(`UUID of the root filesystem: the one that the system's fstab looks for, else ${usualRootGuid}`),
  seed: z
    .string()
    .optional()
    .meta({ placeholder: "TEXT" })
    .describe("what the other identifiers are derived from: the system and this request when not given"),
  channel: filePath.optional().describe("store path of the sources that become root's channel"),
  additionalPaths: z.array(filePath).default([]).describe("further store paths to put in, with their closures"),
  file: filePath.optional().describe("Nix file to evaluate in place of a flake"),
  attr: z.string().min(1).optional().meta({ placeholder: "ATTR" }).describe("attribute of that file"),
  closureInfo: filePath.optional().describe("folder with registration and store-paths, where Nix cannot be asked"),
  root: filePath.optional().describe("folder or tar to put into the image in place of a Nix system"),
  owner: z
    .enum(["root", "keep"])
    .default("keep")
    .describe("owners of the files of a root folder: all root, or as they are"),
  bootDevice: z
    .array(z.string().startsWith("/dev/", "a boot device is a path under /dev"))
    .default([])
    .meta({ placeholder: "DEVICE" })
    .describe("device names that stand for the image's disk while the bootloader is installed"),
  accel: z
    .enum(["auto", "kvm", "tcg"])
    .default("auto")
    .describe("acceleration of the guest; auto tries KVM for a moment before it trusts it"),
  engine: z
    .enum(["auto", "host", "guest"])
    .default("auto")
    .describe("where the bootloader is installed: on this machine where that is possible, or in a guest"),
  installer: z
    .enum(installers)
    .default("built-in")
    .describe(
      "what installs the system: mkimage, or its own nixos-install in a guest, whose disks are published as they are",
    ),
  vmKernel: filePath
    .optional()
    .describe("kernel of the guest: a folder with kernel and kernel-modules, in place of the system's own"),
  toolbox: filePath
    .optional()
    .describe(
      "store path whose bin has the guest's programs, such as a buildEnv for its processor: else this machine's",
    ),
  vmDeadline: z.int().min(1).default(1800).meta({ placeholder: "SECONDS" }).describe("how long the guest may take"),
  sectorSize: z
    .union([z.literal(512), z.literal(4096)])
    .default(512)
    .meta({ placeholder: "BYTES" })
    .describe("sector size of the disk: 512 or 4096"),
  capture: z
    .array(targetPath)
    .default([])
    .meta({ placeholder: "PATH" })
    .describe("further paths to keep of what the bootloader's installer changed"),
  grow: z
    .boolean()
    .default(false)
    .describe("demand that the system grows its root partition and filesystem by itself on a larger disk"),
  reflink: z
    .boolean()
    .default(true)
    .describe("let a raw image share blocks with the files that it is made of, where its filesystem can"),
  cache: z
    .boolean()
    .default(true)
    .describe(
      "keep compressed clusters of a qcow2, up to 4 GiB, and what store paths are made of, in ~/.cache/mkimage for other images",
    ),
  // A line of `hydra-build-products` has each file's path.
  out: filePath
    .regex(/^\P{Cc}*$/u, "a path of an output has no control characters")
    .default("result")
    .describe("folder for the output"),
  force: z.boolean().default(false).describe("replace an output folder that is not empty"),
  checksum: z.boolean().default(false).describe("put the sha256 of every file into image.json"),
});

/** Says what is meant, or what to use instead. */
function variantFault(input: unknown): string {
  const name = String(input);
  const other = Object.hasOwn(notMade, name) ? notMade[name] : undefined;
  if (other !== undefined) return `no disk image is made of ${name}: ${other}`;
  const meant = suggest(name, variantNames);
  return `there is no such variant; ${meant === undefined ? `there are ${variantNames.join(", ")}` : `did you mean ${meant}?`}`;
}

/** A validated request, sizes in bytes. */
export type Request = z.output<typeof requestSchema> & {
  /** The options that were given; all others have their defaults, over which a configuration has a say. */
  readonly given: Given;
};
