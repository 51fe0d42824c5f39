import { existsSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import {
  backingFile,
  deviceNumber,
  diskOf,
  isPartition,
  nodeFolder,
  nodesBelow,
  nodesOfPath,
  partitionNames,
} from "./block-nodes.ts";
import type { Device, DevicePartition, ProtectedPath, DeviceSignature } from "./device.ts";
import { findUsers } from "./device-users.ts";
import { readMounts } from "./mount-table.ts";
import { readSignatures } from "./signatures.ts";
import { namesIn, readIfThere, readText, resolvedPath, runningSystem, type SystemFolders } from "./system-files.ts";

/** Paths that must never be overwritten on any machine; files of the request are added. */
const systemPaths: readonly ProtectedPath[] = [
  ...["/", "/boot", "/boot/efi", "/efi", "/usr", "/var"].map((path) => ({ what: "the running system", path })),
  { what: "the Nix store", path: "/nix/store" },
];

/**
 * Reads everything that is known about a block device, without writing to it and without keeping it open.
 *
 * @throws MkimageError REFUSED_DEVICE when there is nothing at the path, or no block device.
 */
export async function inspectDevice(path: string, protectedPaths: readonly ProtectedPath[] = []): Promise<Device> {
  const name = nameOfNumber(runningSystem, deviceNumber(blockStatus(path)), path);
  const nodes = [name, ...partitionNames(runningSystem, name)];
  const signatures = await readSignatures(nodes.map((node) => join(runningSystem.dev, node)).filter(existsSync));
  return describeDevice(runningSystem, { path, name, signatures, protectedPaths });
}

interface Found {
  readonly path: string;
  readonly name: string;
  readonly signatures: readonly DeviceSignature[];
  readonly protectedPaths: readonly ProtectedPath[];
}

/** The same from the kernel's files alone: these may be a captured tree. */
export function describeDevice(folders: SystemFolders, found: Found): Device {
  const { path, name, signatures } = found;
  const folder = nodeFolder(folders, name);
  const disk = isPartition(folders, name) ? diskOf(folders, name) : undefined;
  const queue = join(disk === undefined ? folder : nodeFolder(folders, disk), "queue");
  return {
    path,
    name,
    signatures,
    ...readIdentity(folders, name),
    sectorSize: Number(readText(join(queue, "logical_block_size")) ?? 512),
    canDiscard: Number(readText(join(queue, "discard_max_bytes")) ?? 0) > 0,
    readOnly: readText(join(folder, "ro")) === "1",
    partitionOf: disk,
    partitions: partitionNames(folders, name).map((partition) => describePartition(folders, partition)),
    users: findUsers(folders, name, signatures),
    holds: findHeld(folders, name, [...systemPaths, ...found.protectedPaths]),
    byIdPaths: findByIdPaths(folders, name),
  };
}

/** The attributes that tell a device from another one that takes over its name. */
export type DeviceIdentity = Pick<Device, "number" | "sequence" | "model" | "serial" | "size">;

/** Reads the identity of the device that has a kernel's name now. */
export function readIdentity(folders: SystemFolders, name: string): DeviceIdentity {
  const folder = nodeFolder(folders, name);
  const first = (...files: string[]) =>
    files.map((file) => readText(join(folder, file))).find((text) => text !== undefined);
  return {
    number: first("dev") ?? "",
    sequence: first("diskseq", "../diskseq"),
    model: first("device/model", "device/name", "dm/name") ?? backingFile(folders, name),
    serial: first("serial", "device/serial") ?? readUnitSerial(folder) ?? first("wwid", "device/wwid", "dm/uuid"),
    size: Number(first("size") ?? 0) * 512,
  };
}

/** The kernel's name of the device with a number, `8:16`; the path is for the message. */
export function nameOfNumber(folders: SystemFolders, number: string, path: string): string {
  const names = namesIn(join(folders.sys, "class/block"));
  const name = names.find((candidate) => readText(join(nodeFolder(folders, candidate), "dev")) === number);
  if (name !== undefined) return name;
  throw new MkimageError("REFUSED_DEVICE", `${path} has the device number ${number}, which no device has`, {
    hint: "the disk may have been unplugged: look with lsblk",
  });
}

/** A SCSI disk's serial number: after four bytes of header. Source: SPC-4, Unit Serial Number VPD page (80h). */
function readUnitSerial(folder: string): string | undefined {
  const serial = readIfThere(join(folder, "device/vpd_pg80"))?.subarray(4).toString("latin1").trim();
  return serial === "" ? undefined : serial;
}

function blockStatus(path: string): Stats {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) {
    throw new MkimageError("REFUSED_DEVICE", `there is nothing at ${path}`, {
      hint: "list the disks with lsblk; a device is never created",
    });
  }
  if (status.isBlockDevice()) return status;
  throw new MkimageError("REFUSED_DEVICE", `${path} is ${kindOf(status)}, not a block device`, {
    hint: "give a disk such as /dev/disk/by-id/…; to make an image file, use mkimage build --out",
  });
}

function kindOf(status: Stats): string {
  if (status.isFile()) return "a regular file";
  if (status.isDirectory()) return "a folder";
  return status.isCharacterDevice() ? "a character device" : "a special file";
}

/** Partitions count in sectors of 512 bytes in sysfs, whatever the disk's sectors are. */
function describePartition(folders: SystemFolders, name: string): DevicePartition {
  const folder = nodeFolder(folders, name);
  const count = (file: string) => Number(readText(join(folder, file)) ?? 0);
  return { name, number: count("partition"), offset: count("start") * 512, size: count("size") * 512 };
}

/**
 * A path counts when its device stands on this one, or this one stands on it; a partition is also hit through its own disk
 * only.
 */
function findHeld(folders: SystemFolders, name: string, paths: readonly ProtectedPath[]): ProtectedPath[] {
  const mounts = readMounts(folders);
  const below = [...nodesBelow(folders, name, mounts)].flatMap((node) => backingFile(folders, node) ?? []);
  return paths.filter(
    ({ path }) =>
      below.some((file) => isSameFile(folders, file, path)) ||
      nodesOfPath(folders, path, mounts).some((node) => nodesBelow(folders, node, mounts).has(name)),
  );
}

/** A file may have several names. */
function isSameFile({ root }: SystemFolders, one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(join(root, path), { throwIfNoEntry: false }));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

function findByIdPaths(folders: SystemFolders, name: string): string[] {
  const links = namesIn(join(folders.dev, "disk/by-id"));
  const target = resolvedPath(join(folders.dev, name));
  if (target === undefined) return [];
  return links
    .filter((link) => resolvedPath(join(folders.dev, "disk/by-id", link)) === target)
    .map((link) => join("/dev/disk/by-id", link));
}
