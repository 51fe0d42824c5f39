import { join } from "node:path";
import { describeHolder, type Holder, loopsOver, nodeOfDevicePath, nodesAbove, nodesOfMount } from "./block-nodes.ts";
import type { DeviceUser, DeviceSignature } from "./device.ts";
import { readMounts, readSwaps } from "./mount-table.ts";
import { namesIn, type SystemFolders } from "./system-files.ts";
import { activeGroups } from "./volume-group.ts";

/**
 * Everything that uses a device, its partitions, or what is stacked on them, in the order in which it can be let go:
 * what stands on top comes first.
 */
export function findUsers(folders: SystemFolders, name: string, signatures: readonly DeviceSignature[]): DeviceUser[] {
  const { nodes, holders } = nodesAbove(folders, name);
  return [
    ...mountUsers(folders, nodes).toReversed(),
    ...swapUsers(folders, nodes),
    ...loopUsers(folders, nodes),
    ...holders
      .toReversed()
      .map((holder): DeviceUser => ({ device: holder.on, ...describeHolder(folders, holder.name) })),
    ...zfsUsers(folders, signatures),
    ...groupUsers(folders, signatures, holders),
  ];
}

function mountUsers(folders: SystemFolders, nodes: ReadonlySet<string>): DeviceUser[] {
  return readMounts(folders).flatMap((mount) =>
    nodesOfMount(folders, mount)
      .filter((device) => nodes.has(device))
      .map((device): DeviceUser => ({ kind: "mount", device, mountPoint: mount.mountPoint })),
  );
}

function swapUsers(folders: SystemFolders, nodes: ReadonlySet<string>): DeviceUser[] {
  return readSwaps(folders).flatMap((path) => {
    const device = nodeOfDevicePath(folders, path);
    return device !== undefined && nodes.has(device) ? [{ kind: "swap", device }] : [];
  });
}

function loopUsers(folders: SystemFolders, nodes: ReadonlySet<string>): DeviceUser[] {
  return [...nodes].flatMap((device) =>
    loopsOver(folders, device).map((name): DeviceUser => ({ kind: "loop", device, name })),
  );
}

/** ZFS is no holder either: a member whose pool is imported is in use. */
function zfsUsers(folders: SystemFolders, signatures: readonly DeviceSignature[]): DeviceUser[] {
  const pools = new Set(namesIn(join(folders.proc, "spl/kstat/zfs")));
  return signatures.flatMap(({ device, type, label }) =>
    type === "zfs_member" && label !== undefined && pools.has(label) ? [{ kind: "zfs", device, pool: label }] : [],
  );
}

/** The kernel knows nothing of a physical volume that is still empty, though its group needs it. */
function groupUsers(
  folders: SystemFolders,
  signatures: readonly DeviceSignature[],
  holders: readonly Holder[],
): DeviceUser[] {
  const active = activeGroups(folders);
  return signatures.flatMap(({ device, type, label }) => {
    const isEmpty = type === "LVM2_member" && !holders.some(({ on }) => on === device);
    return isEmpty && label !== undefined && active.has(label) ? [{ kind: "group", device, group: label }] : [];
  });
}
