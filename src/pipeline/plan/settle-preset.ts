import { labelFault } from "../../filesystems/mkfs/mkfs.ts";
import { filesystems, rootFilesystems } from "../../filesystems/registry.ts";
import { parseFstab } from "../../bootloaders/growth/fstab.ts";
import { describeMount, identifierIn } from "../../bootloaders/growth/unfound-mounts.ts";
import { type Partition, usualRootGuid } from "../../devices/presets/choices.ts";
import { type FatNames, presetFat, type PresetOptions } from "../../devices/presets/presets.ts";
import { installsBootLoader } from "../../request/whole-system.ts";
import type { Request } from "../../request/schema.ts";
import { type ChosenLayout, chooseLayout } from "./choose-layout.ts";
import type { InstalledSystem } from "./source.ts";
import { type KnownFilesystem, knownFilesystem } from "./system-names.ts";

/** A partition table of this program's own, settled by a request and, where that leaves something open, by the system. */
interface SettledPreset {
  /** The request, in which the system's choices stand as if they had been asked for. */
  readonly request: Request;
  readonly options: PresetOptions;
  /** The choices, with the reasons: lines for the user. */
  readonly notes: readonly string[];
}

/**
 * Settles what a request leaves open: the table follows the bootloader, and the filesystems are made and called as the
 * system's fstab has them. Pure.
 *
 * @param system undefined where there is none, or where only its store is put in.
 * @throws MkimageError BAD_REQUEST when the table is left open and nothing decides it.
 */
export function settlePreset(request: Request, system: InstalledSystem | undefined): SettledPreset {
  const isOpen = request.partition === undefined && system !== undefined;
  const layout = isOpen ? chooseLayout(system, installsBootLoader(request)) : undefined;
  const partition = layout?.partition ?? request.partition ?? "legacy";
  const fstab = system?.fstab ?? "";
  const root = knownFilesystem(fstab, "/");
  const fsType = request.fsType ?? (root !== undefined && rootFilesystems.includes(root.type) ? root.type : "ext4");
  const rootFsuid = request.rootFsuid ?? root?.uuid ?? usualRootGuid;
  const label = request.label ?? root?.label ?? (request.onlyNixStore ? "nix-store" : "nixos");
  const settled = { ...request, partition, fsType, rootFsuid };
  const fat = fatNames(partition, layout, fstab);
  return {
    request: settled,
    options: presetOptions(settled, label, fat),
    notes: [
      ...(layout === undefined ? [] : [layout.note]),
      ...notesOnRoot(request, root, fsType),
      ...notesOnOthers(fstab, fat),
    ],
  };
}

type Settled = Request & Required<Pick<Request, "partition" | "fsType" | "rootFsuid">>;

function presetOptions(request: Settled, label: string, fat: FatNames): PresetOptions {
  const { partition, bootSize, fsType, rootGpuid, rootFsuid, sectorSize, baseName } = request;
  return {
    partition,
    bootSize,
    label,
    filesystem: fsType,
    rootGpuid,
    rootFsuid: rootFsuid.toLowerCase(),
    sectorSize,
    imageName: baseName,
    fat,
  };
}

function fatNames(partition: Partition, layout: ChosenLayout | undefined, fstab: string): FatNames {
  const asked = { ESP: layout?.esp, BOOT: layout?.xbootldr };
  const places = Object.entries(presetFat[partition]) as ["ESP" | "BOOT", FatNames["ESP"] & object][];
  return Object.fromEntries(
    places.map(([name, place]) => {
      const mountpoint = asked[name] ?? place.mountpoint;
      const { label, uuid } = knownFilesystem(fstab, mountpoint) ?? {};
      return [name, { mountpoint, label: isFatLabel(label) ? label : undefined, uuid }];
    }),
  );
}

/** Whether the firmware's filesystem of a preset has room for a label. */
function isFatLabel(label: string | undefined): boolean {
  const option = filesystems.vfat.mkfs?.label;
  return label !== undefined && option !== undefined && labelFault(label, option) === undefined;
}

function notesOnRoot(request: Request, root: KnownFilesystem | undefined, made: string): string[] {
  if (root === undefined || request.onlyNixStore) return [];
  const { label, uuid, type } = root;
  const isOther = type !== made && type !== "auto";
  const other = `the root filesystem is ${made}, and the system's fstab has ${type} there: it may not boot; --devices takes a device tree with ${type}`;
  const taken = [
    request.fsType === undefined && made !== "ext4" ? made : "",
    request.label === undefined && label !== undefined && label !== "nixos" ? `labelled ${label}` : "",
    request.rootFsuid === undefined && uuid !== undefined ? `with the UUID ${uuid}` : "",
  ].filter((text) => text !== "");
  const follows = `the root filesystem is ${taken.join(", ")}, as the system's fstab looks for it`;
  return [...(taken.length === 0 ? [] : [follows]), ...(isOther ? [other] : [])];
}

/** Further disks by their paths. What is looked for by a name is compared with the names of the finished layout. */
function notesOnOthers(fstab: string, fat: FatNames): string[] {
  const places = new Set(["/", ...Object.values(fat).map(({ mountpoint }) => mountpoint)]);
  const others = parseFstab(fstab).filter(({ device, mountPoint, type, options }) => {
    const isNeeded = type !== "swap" && !options.some((option) => option === "nofail" || option === "noauto");
    return isNeeded && isDiskPath(device) && !places.has(mountPoint);
  });
  if (others.length === 0) return [];
  return [
    `the system mounts ${others.map(describeMount).join(", ")}, for which the partition table has no partition: ` +
      "it may not boot; --devices takes a device tree that has it",
  ];
}

function isDiskPath(device: string): boolean {
  return device.startsWith("/dev/") && identifierIn(device) === undefined;
}
