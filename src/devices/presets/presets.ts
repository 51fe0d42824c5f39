import { MkimageError } from "../../base/errors.ts";
import { readOnce } from "../../base/schema/read-once.ts";
import { type Bytes, MiB, roundUp } from "../../base/units.ts";
import type { Partition } from "./choices.ts";
import { type DeviceTree, deviceTree } from "../device-tree.ts";

/** The parameters of a preset. */
export interface PresetOptions {
  readonly partition: Partition;
  /** Where the boot partition ends, from the start of the disk; rounded up to whole MiB. */
  readonly bootSize: Bytes;
  /** The label of the root filesystem. */
  readonly label: string;
  /** The format of the root filesystem, such as ext4. */
  readonly filesystem: string;
  /** The GUID of the root partition, in the layouts that have a GPT. */
  readonly rootGpuid: string;
  /** The UUID of the root filesystem. */
  readonly rootFsuid: string;
  /** Default: 512. */
  readonly sectorSize?: 512 | 4096;
  /** The name of the image file, without its ending. Default: the name of the disk. */
  readonly imageName?: string;
  /** Where its FAT filesystems are mounted, and what they are called if not ESP and BOOT. */
  readonly fat?: FatNames;
}

/** The FAT filesystems of a preset by their usual labels. */
export type FatNames = Readonly<Partial<Record<"ESP" | "BOOT", FatName>>>;

interface FatName {
  readonly mountpoint: string;
  readonly label?: string | undefined;
  readonly uuid?: string | undefined;
}

/**
 * The FAT filesystems of each layout, and where they are mounted unless it is said otherwise. Source: make-disk-image.nix.
 */
export const presetFat: Readonly<Record<Partition, FatNames>> = {
  none: {},
  legacy: {},
  "legacy+boot": { BOOT: { mountpoint: "/boot" } },
  "legacy+gpt": {},
  efi: { ESP: { mountpoint: "/boot" } },
  efixbootldr: { ESP: { mountpoint: "/efi" }, BOOT: { mountpoint: "/boot" } },
  hybrid: { ESP: { mountpoint: "/boot" } },
};

/** The name of the only disk of a preset. */
const presetDisk = "main";

const diskGuid = "97FD5997-F390-0B4A-A3F8-D106C1723AEA";
const firstPartitionGuid = "1C06F03B-704E-4657-B9CD-681A087A2FDC";
const secondPartitionGuid = "970C694F-AFD0-4B99-B750-CDB7A329AB6F";

/**
 * One of make-disk-image's seven layouts as a device tree with one disk.
 *
 * @throws MkimageError BAD_REQUEST when the boot partition is left no room, or when the layout has a BIOS boot partition
 *   and the sectors have 4096 bytes.
 */
export function presetTree(options: PresetOptions): DeviceTree {
  refuseImpossible(options);
  const disk = {
    imageName: options.imageName ?? null,
    sectorSize: options.sectorSize ?? 512,
    content: contentOf[options.partition](options),
  };
  return deviceTree.parse({ disk: { [presetDisk]: disk } }, readOnce);
}

const contentOf: Readonly<Record<Partition, (options: PresetOptions) => object>> = {
  none: (options) => root(options),
  legacy: (options) => msdos([{ "fs-type": "ext4", start: "1MiB", content: root(options) }]),
  "legacy+boot": (options) =>
    msdos([
      {
        "fs-type": "fat32",
        start: "1MiB",
        end: bootEnd(options),
        bootable: true,
        content: fat("BOOT", options),
      },
      { "fs-type": "ext4", start: bootEnd(options), content: root(options) },
    ]),
  "legacy+gpt": (options) =>
    gpt({
      "no-fs": { type: "EF02", start: "1M", size: "1M", uuid: firstPartitionGuid },
      primary: rootPartition(options, 2 * MiB),
    }),
  efi: (options) =>
    gpt({
      ESP: esp(endOf(options), options),
      primary: rootPartition(options, endOf(options)),
    }),
  efixbootldr: (options) =>
    gpt({
      ESP: esp(100 * MiB, options),
      BOOT: {
        type: "EA00",
        ...between(100 * MiB, endOf(options)),
        uuid: secondPartitionGuid,
        content: fat("BOOT", options),
      },
      ROOT: rootPartition(options, endOf(options)),
    }),
  hybrid: (options) =>
    gpt({
      ESP: esp(endOf(options), options),
      "no-fs": { type: "EF02", start: "34s", end: "2047s", uuid: secondPartitionGuid },
      primary: rootPartition(options, endOf(options)),
    }),
};

/** A GPT whose partitions are numbered in the order given. */
function gpt(partitions: Readonly<Record<string, object>>): object {
  const numbered = Object.entries(partitions).map(([label, partition], index) => {
    return [label, { label, priority: index + 1, ...partition }] as const;
  });
  return { type: "gpt", guid: diskGuid, partitions: Object.fromEntries(numbered) };
}

function msdos(partitions: readonly object[]): object {
  return { type: "table", format: "msdos", partitions };
}

function rootPartition(options: PresetOptions, start: Bytes): object {
  return { size: "100%", start: mebibytes(start), uuid: options.rootGpuid, content: root(options) };
}

/** An EFI system partition, which make-disk-image has begin at 8 MiB. */
function esp(end: Bytes, options: PresetOptions): object {
  return {
    type: "EF00",
    ...between(8 * MiB, end),
    uuid: firstPartitionGuid,
    content: fat("ESP", options),
  };
}

function root({ filesystem, label, rootFsuid }: PresetOptions): object {
  return { type: "filesystem", format: filesystem, label, uuid: rootFsuid, mountpoint: "/" };
}

function fat(name: "ESP" | "BOOT", { partition, fat: names }: PresetOptions): object {
  const { label = name, uuid = null, mountpoint } = { ...presetFat[partition][name], ...names?.[name] };
  return { type: "filesystem", format: "vfat", label, uuid, mountpoint };
}

function between(start: Bytes, end: Bytes): object {
  return { start: mebibytes(start), size: mebibytes(end - start) };
}

function endOf(options: PresetOptions): Bytes {
  return roundUp(options.bootSize, MiB);
}

function bootEnd(options: PresetOptions): string {
  return `${endOf(options) / MiB}MiB`;
}

function mebibytes(bytes: Bytes): string {
  return `${bytes / MiB}M`;
}

/** Where the last boot partition begins, in the layouts that have one. */
const bootStarts: Readonly<Partial<Record<Partition, Bytes>>> = {
  "legacy+boot": MiB,
  efi: 8 * MiB,
  efixbootldr: 100 * MiB,
  hybrid: 8 * MiB,
};

function refuseImpossible({ partition, bootSize, sectorSize }: PresetOptions): void {
  const start = bootStarts[partition];
  if (start !== undefined && bootSize <= start) {
    throw new MkimageError(
      "BAD_REQUEST",
      `a boot size of ${bootSize} bytes leaves the boot partition of ${partition} no room`,
      {
        hint: `the boot size is where that partition ends, and it begins at ${start / MiB} MiB: take 256M`,
      },
    );
  }
  if (sectorSize === 4096 && (partition === "hybrid" || partition === "legacy+gpt")) {
    throw new MkimageError("BAD_REQUEST", `the layout ${partition} needs sectors of 512 bytes`, {
      hint: "BIOS boots from no disk with sectors of 4096 bytes: take efi or efixbootldr, or sectors of 512 bytes",
    });
  }
}
