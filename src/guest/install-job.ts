import { filesystemOf } from "../filesystems/registry.ts";
import { textOf, type ByteString } from "../base/byte-string.ts";
import { describeDeviceStep, type FilesystemRecord, type PartitionRecord } from "./device-record.ts";
import type { GuestJob, JobStep } from "./job.ts";

/** A filesystem of the image, and where it belongs in the system. */
export interface InstallMount {
  /** The serial number of the guest's disk. */
  readonly disk: string;
  /** Default: the whole disk. */
  readonly partition?: number;
  readonly filesystem: FilesystemRecord;
  /** Absolute: `/`, `/boot`. */
  readonly mountPoint: string;
  readonly options?: readonly string[];
}

/** A name that the system's bootloader knows a disk by, such as `/dev/disk/by-id/x`. */
export interface BootDevice {
  readonly name: string;
  readonly disk: string;
}

/** A path of the image, and by which names its owners are known in the image. */
export interface NamedOwner {
  readonly path: string;
  readonly user: string;
  readonly group: string;
}

/** The request to install the bootloader of an image that holds a system. */
export interface GuestInstallRequest {
  readonly toplevel: string;
  readonly mounts: readonly InstallMount[];
  /** Every partition of the disks, mounted or not. */
  readonly partitions: readonly PartitionRecord[];
  readonly bootDevices: readonly BootDevice[];
  readonly installBootloader: boolean;
  /** Lets the installer write to the firmware's variables; the machine then needs firmware. */
  readonly touchEfiVariables: boolean;
  readonly owners: readonly NamedOwner[];
  /** The results to return: folders as `trees`, such as `/boot`, and further files, such as `/var/lib/nixos/uid-map`. */
  readonly capture: { readonly trees: readonly ByteString[]; readonly files: readonly ByteString[] };
}

/**
 * The job that activates a system in its image, installs its bootloader, gives files to their owners, brings back what
 * was made, and leaves the image unmounted. `readInstallation` reads the result.
 */
export function installJob(request: GuestInstallRequest, mounting: Mounting = plainMounting(request)): GuestJob {
  return {
    modules: modulesOf(request),
    steps: [
      openingSteps(request, mounting),
      [{ title: "activate the system", argv: ["/vm/activate", request.toplevel] }],
      request.installBootloader ? bootloaderSteps(request) : [],
      request.owners.map(ownerStep),
      [{ title: "bring back what was installed", argv: ["/vm/capture", ...capturedPaths(request)] }],
      [{ title: "unmount the image", argv: ["/vm/unmount-all"] }],
      mounting.close,
    ].flat(),
  };
}

/** The steps with which every installation begins: the disks are described and mounted, and the firmware is there. */
export function openingSteps(
  request: KnownDisks & Pick<GuestInstallRequest, "touchEfiVariables">,
  { mount }: Mounting,
): JobStep[] {
  const openVariables = { title: "open the firmware's variables", argv: ["/vm/mount-variables"] };
  return [...describeDisks(request), ...mount, ...(request.touchEfiVariables ? [openVariables] : [])];
}

/** How the image is mounted, and what is closed again when it is not mounted any more. */
export interface Mounting {
  readonly mount: readonly JobStep[];
  readonly close: readonly JobStep[];
}

/** Filesystems that lie on disks and their partitions need no program but the guest's own. */
function plainMounting({ mounts }: GuestInstallRequest): Mounting {
  const outerFirst = mounts.toSorted((one, other) => depth(one.mountPoint) - depth(other.mountPoint));
  return { mount: outerFirst.map(mountStep), close: [] };
}

/** Lists the modules of the job. The initrd always has the character sets that the vfat driver loads. */
export function modulesOf({
  mounts,
  touchEfiVariables,
}: Pick<GuestInstallRequest, "mounts" | "touchEfiVariables">): string[] {
  const drivers = mounts.flatMap((mount) => filesystemOf(mount.filesystem.type).driver ?? []);
  return [...new Set(drivers), ...(touchEfiVariables ? ["efivarfs"] : [])];
}

/** The disks of the guest, with what is on them and what they are called by. */
export type KnownDisks = Pick<GuestInstallRequest, "mounts" | "partitions" | "bootDevices">;

/** The steps that do udev's work for the disks of an image. */
export function describeDisks({ mounts, partitions, bootDevices }: KnownDisks): JobStep[] {
  const disks = new Set([...mounts, ...partitions, ...bootDevices].map(({ disk }) => disk));
  const on = (disk: string, number?: number) =>
    mounts.find((mount) => mount.disk === disk && mount.partition === number)?.filesystem;
  const names = (disk: string) => bootDevices.filter((device) => device.disk === disk).map(({ name }) => name);
  return [
    [...disks].map((disk) => describeDeviceStep(disk, undefined, on(disk), names(disk))),
    partitions.map((partition) => describeDeviceStep(partition.disk, partition, on(partition.disk, partition.number))),
  ].flat();
}

/** Times of access are nothing that an installation should change. */
function mountStep({ disk, partition, filesystem, mountPoint, options = [] }: InstallMount): JobStep {
  const place = [disk, partition === undefined ? "" : String(partition)];
  const wishes = ["noatime", ...options].join(",");
  return {
    title: `mount ${mountPoint}`,
    argv: ["/vm/mount-filesystem", ...place, filesystem.type, wishes, mountPoint],
  };
}

function bootloaderSteps({ toplevel, capture }: GuestInstallRequest): JobStep[] {
  const expected = capture.trees.map(textOf);
  return [
    { title: "look at the image", argv: ["/vm/list-changes", "before", ...expected] },
    { title: "install the bootloader", argv: ["/vm/install-bootloader", toplevel], failure: "INSTALLER_FAILED" },
    { title: "see what the installer changed", argv: ["/vm/list-changes", "after", ...expected] },
  ];
}

export function ownerStep({ path, user, group }: NamedOwner, index: number): JobStep {
  return {
    title: `give ${path} to ${user}:${group}`,
    argv: ["/vm/set-owner", String(index), `${user}:${group}`, path],
    failure: "BAD_REQUEST",
  };
}

/** A tree inside another comes along with it. */
function capturedPaths({ capture: { trees, files } }: GuestInstallRequest): string[] {
  const outer = trees.filter((tree) => !trees.some((other) => tree.startsWith(`${other}/`)));
  return [...outer, ...files].map(textOf);
}

function depth(mountPoint: string): number {
  return mountPoint.split("/").filter((name) => name !== "").length;
}
