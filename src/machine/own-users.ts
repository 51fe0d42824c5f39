import { existsSync, realpathSync } from "node:fs";
import type { DeviceTree } from "../devices/device-tree.ts";
import { contentTypeOf, unitTypeOf } from "../devices/registry.ts";
import { locatedContentsOf } from "../devices/tree/contents.ts";
import { unitsOf } from "../devices/tree/units.ts";
import type { Device, DeviceSignature, DeviceUser } from "./device.ts";
import type { SurveyedDisk } from "./survey.ts";

/** Whether a user of a device will let it go. */
type IsOwn = (user: DeviceUser, device: Device) => boolean;

/** A device as it will be once those users are gone. */
export function withoutUsers(device: Device, isOwn: IsOwn): Device {
  return { ...device, users: device.users.filter((user) => !isOwn(user, device)) };
}

/** Tells the users of the tree's disks that are the tree itself, which is unmounted and closed before it is destroyed. */
export function ownUsers(
  tree: DeviceTree,
  disks: readonly Pick<SurveyedDisk, "name" | "device">[],
  root: string,
): IsOwn {
  const known = knownUsers(tree, disks);
  return (user, { signatures }) => {
    if (user.kind === "mount") return user.mountPoint === root || user.mountPoint.startsWith(`${root}/`);
    if (known.has(`${user.kind} ${nameOf(user)}`)) return true;
    return user.kind === "md" && known.has(`array ${arrayOf(user.device, signatures)}`);
  };
}

/** By what a user is known: the kernel's name of a device, the device mapper's, or that of a pool. */
function nameOf(user: Exclude<DeviceUser, { kind: "mount" }>): string {
  switch (user.kind) {
    case "swap":
      return user.device;
    case "zfs":
      return user.pool;
    case "group":
      return user.group;
    case "loop":
    case "lvm":
    case "crypt":
    case "multipath":
    case "md":
    case "bcache":
    case "holder":
      return user.name;
  }
}

/** The name in a member's superblock, without that of the machine that its array was made on. */
function arrayOf(member: string, signatures: readonly DeviceSignature[]): string | undefined {
  const found = signatures.find(({ device, type }) => device === member && type === "linux_raid_member");
  return found?.label?.replace(/^[^:]*:/, "");
}

/** Lists the kernel's names of the devices that a tree opens, each after its kind. */
function knownUsers(tree: DeviceTree, disks: readonly Pick<SurveyedDisk, "name" | "device">[]): ReadonlySet<string> {
  const units = unitsOf(tree, Object.fromEntries(disks.map(({ name, device }) => [name, device.path])));
  const users = [
    ...locatedContentsOf(units).flatMap((located) => contentTypeOf(located.node).users?.(located) ?? []),
    ...units.flatMap(({ kind, node, name }) => unitTypeOf(kind).users?.(node, name) ?? []),
  ];
  return new Set(users.flatMap(({ kind, name }) => kernelNames(name).map((known) => `${kind} ${known}`)));
}

/** The kernel's name of a device that is there; any other name stands for itself. */
function kernelNames(name: string): string[] {
  if (!name.startsWith("/")) return [name];
  return existsSync(name) ? [realpathSync(name).replace(/^.*\//, "")] : [];
}
