import { formatSize, type Bytes } from "../base/units.ts";
import { quoteArguments } from "../base/quote.ts";
import type { Device, DeviceUser } from "./device.ts";
import { groupOfVolume } from "./volume-group.ts";

/** Why a device is refused, and what the user can do. */
export interface DeviceFault {
  readonly message: string;
  readonly hint: string;
}

/** The data to be written, as far as it is known; a build knows no size before its layout is solved. */
export interface WriteRequest {
  readonly imageSize?: Bytes | undefined;
  /** The sectors that the image's partition table counts in. */
  readonly imageSectorSize?: Bytes | undefined;
  readonly allowPartition?: boolean | undefined;
}

/** Every reason to refuse a device at once; none when it may be written. */
export function refusals(device: Device, request: WriteRequest): DeviceFault[] {
  return [
    ...partitionFaults(device, request),
    ...readOnlyFaults(device),
    ...sizeFaults(device, request),
    ...sectorFaults(device, request),
    ...heldFaults(device),
    ...device.users.map(userFault),
  ];
}

function partitionFaults(device: Device, { allowPartition }: WriteRequest): DeviceFault[] {
  if (device.partitionOf === undefined || allowPartition === true) return [];
  return [
    {
      message: `${device.path} is a partition of ${device.partitionOf}, not a disk`,
      hint: `give /dev/${device.partitionOf}, or --allow-partition when the partition is meant`,
    },
  ];
}

/** Why a device cannot be written at all. */
export function readOnlyFaults({ path, readOnly }: Device): DeviceFault[] {
  if (!readOnly) return [];
  return [{ message: `${path} is read-only`, hint: "look for a switch on the card or stick, or try blockdev --setrw" }];
}

function sizeFaults({ path, size }: Device, { imageSize }: WriteRequest): DeviceFault[] {
  if (size === 0) return [{ message: `${path} has no medium (0 bytes)`, hint: "insert a card or attach the device" }];
  if (imageSize === undefined || imageSize <= size) return [];
  return [
    {
      message: `${path} is too small: it has ${exactSize(size)}, the image needs ${exactSize(imageSize)}`,
      hint: "use a larger disk, or build a smaller image (--size)",
    },
  ];
}

function sectorFaults({ path, sectorSize }: Device, { imageSectorSize }: WriteRequest): DeviceFault[] {
  if (imageSectorSize === undefined || imageSectorSize === sectorSize) return [];
  return [
    {
      message: `${path} has sectors of ${sectorSize} bytes, the image's partition table counts in ${imageSectorSize}`,
      hint: `build the image with --sector-size ${sectorSize}`,
    },
  ];
}

function heldFaults({ path, holds }: Device): DeviceFault[] {
  return holds.map(({ what, path: held }) => ({
    message: `${path} holds ${what} (${held})`,
    hint: "give another disk, or start this machine from another medium first",
  }));
}

function userFault(user: DeviceUser): DeviceFault {
  const message = `/dev/${user.device} is in use: ${describeUser(user)}`;
  return { message, hint: releaseHint(user) };
}

function describeUser(user: DeviceUser): string {
  switch (user.kind) {
    case "mount":
      return `mounted on ${user.mountPoint}`;
    case "swap":
      return "the kernel swaps to it";
    case "zfs":
      return `a member of the imported ZFS pool ${user.pool}`;
    case "group":
      return `a part of the active LVM volume group ${user.group}`;
    case "loop":
      return `the loop device ${user.name} is backed by it`;
    default:
      return `${holderNames[user.kind]} ${user.name}`;
  }
}

const holderNames = {
  lvm: "below the LVM volume",
  crypt: "below the opened encrypted device",
  multipath: "a path of the multipath device",
  md: "a member of the RAID array",
  bcache: "a member of the bcache device",
  holder: "below the device",
} as const;

function releaseHint(user: DeviceUser): string {
  switch (user.kind) {
    case "mount":
      return `unmount it: ${quoteArguments(["umount", user.mountPoint])}`;
    case "swap":
      return `stop swapping to it: swapoff /dev/${user.device}`;
    case "zfs":
      return `export the pool: zpool export ${user.pool}`;
    case "group":
      return `deactivate the group: vgchange -an ${user.group}`;
    case "loop":
      return `detach it: losetup -d /dev/${user.name}`;
    case "lvm":
      return `deactivate its volume group: vgchange -an ${groupOfVolume(user.name)}`;
    case "crypt":
      return `close it: ${quoteArguments(["cryptsetup", "close", user.name])}`;
    case "multipath":
      return `write to the whole device /dev/mapper/${user.name}, or drop it: multipath -f ${user.name}`;
    case "md":
      return `stop the array: mdadm --stop /dev/${user.name}`;
    case "bcache":
    case "holder":
      return `release ${user.name} first`;
  }
}

function exactSize(bytes: Bytes): string {
  return `${bytes} bytes (${formatSize(bytes)})`;
}
