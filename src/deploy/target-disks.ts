import type { DeviceTree } from "../devices/device-tree.ts";
import { MkimageError } from "../base/errors.ts";
import { formatSize } from "../base/units.ts";
import { pathOfDisk } from "./facts/find-disk.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import type { Device } from "../machine/device.ts";

/** A disk of a tree, and where the user or the tree says that it is. */
interface WantedDisk {
  readonly name: string;
  readonly path: string;
}

/** A disk of a tree, and the device of the target that is to become it. */
export interface TargetDisk extends WantedDisk {
  readonly device: Device;
}

/**
 * Tells where the disks of a tree are, in its order. A tree of one disk that does not say goes onto the only disk of a target.
 *
 * @param devices the devices by the names of disks, where that is not where the tree says.
 * @throws MkimageError BAD_REQUEST for a disk whose place nobody tells.
 */
export function wantedDisks(
  tree: DeviceTree,
  devices: Readonly<Record<string, string>>,
  facts: Pick<TargetFacts, "disks" | "rescue">,
): WantedDisk[] {
  const disks = Object.values(tree.disk).map(({ name, device }) => {
    return { name, path: devices[name] ?? device ?? undefined };
  });
  const { disks: there } = facts;
  const [only] = there;
  return disks.map(({ name, path }) => {
    if (path !== undefined) return { name, path };
    if (disks.length === 1 && there.length === 1 && only !== undefined) return { name, path: pathOfDisk(facts, only) };
    throw new MkimageError("BAD_REQUEST", `nothing says which disk of the target becomes ${name}`, {
      details: there.map(describeBriefly),
      hint: `name it: --disk ${name} /dev/disk/by-id/…`,
    });
  });
}

/**
 * Refuses disks that another system could not tell from others of their machine.
 *
 * @throws MkimageError REFUSED_DEVICE.
 */
export function requireKnowable(targets: readonly TargetDisk[], there: readonly Device[]): void {
  for (const { name, device } of targets) {
    if (there.filter((other) => marksOf(other) === marksOf(device)).length < 2) continue;
    throw new MkimageError(
      "REFUSED_DEVICE",
      `the disk ${name} (${describeBriefly(device)}) cannot be told from another one`,
      {
        details: there.map(describeBriefly),
        hint: "give the disks serial numbers, or put a partition table onto the one that is meant; nothing was changed",
      },
    );
  }
}

/**
 * Finds the same disks again when another system runs on their machine, which may call them otherwise: by serial number,
 * size and where its partitions lie.
 *
 * @throws MkimageError REFUSED_DEVICE when one is not there any more, or several could be it.
 */
export function findAgain(targets: readonly TargetDisk[], there: readonly Device[]): TargetDisk[] {
  return targets.map((target) => {
    const found = there.filter((device) => marksOf(device) === marksOf(target.device));
    const [device] = found;
    if (device !== undefined && found.length === 1) return { ...target, path: `/dev/${device.name}`, device };
    const message =
      found.length === 0
        ? `the disk ${target.name} (${describeBriefly(target.device)}) is not there any more`
        : `${found.length} disks could be ${target.name} (${describeBriefly(target.device)})`;
    throw new MkimageError("REFUSED_DEVICE", message, {
      details: there.map(describeBriefly),
      hint: "nothing was written; look at its disks: the rescue system answers, and a restart brings the old one back",
    });
  });
}

/** The marks by which a disk is known, whatever system looks at it. */
function marksOf({ serial, size, sectorSize, partitions }: Device): string {
  const places = partitions.map((partition) => [partition.number, partition.offset, partition.size]);
  return JSON.stringify([size, sectorSize, serial, places]);
}

/** A disk in a line. */
export function describeBriefly({ name, size, model, serial, byIdPaths }: Device): string {
  const identity = [model, serial === undefined ? undefined : `serial ${serial}`, byIdPaths[0]];
  return [`/dev/${name}: ${formatSize(size)}`, ...identity.filter((text) => text !== undefined)].join(", ");
}
