import { type Bytes, formatSize } from "../base/units.ts";
import type { Device } from "../machine/device.ts";
import { type DeviceFault, refusals } from "../machine/rules.ts";
import { findDisk, knownBefore } from "./facts/find-disk.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import { describeBriefly } from "./target-disks.ts";

/** A disk of the tree, and what is asked of the one that becomes it. */
export interface DemandedDisk {
  /** The name by which layouts know it. */
  readonly name: string;
  /** Its path on the machine: as the user gave it, or as the tree says. */
  readonly path: string;
  /** Undefined: any. */
  readonly minimumSize: Bytes | undefined;
  /** Undefined: any. */
  readonly sectorSize: Bytes | undefined;
}

/** Finds what speaks against the disks that a tree is to be written to. Pure. */
export function diskFaults(facts: TargetFacts, disks: readonly DemandedDisk[]): DeviceFault[] {
  const found = disks.map((disk) => ({ ...disk, device: findDisk(facts, disk.path) }));
  return [...found.flatMap((disk) => placeFaults(facts, disk)), ...sameDiskFaults(found)];
}

interface FoundDisk extends DemandedDisk {
  readonly device: Device | undefined;
}

function placeFaults(facts: TargetFacts, { name, path, device, minimumSize, sectorSize }: FoundDisk): DeviceFault[] {
  if (device === undefined) return [notFound(facts, name, path)];
  // Who uses it now is gone with the system that runs there.
  const own = refusals({ ...device, users: [], holds: [] }, {});
  return [...own, ...sizeFault(name, device, minimumSize), ...sectorFault(name, device, sectorSize)];
}

function notFound(facts: TargetFacts, name: string, path: string): DeviceFault {
  const before = knownBefore(facts, path);
  const message =
    before === undefined
      ? `the disk ${name} of the tree is ${path}, which the machine does not have`
      : `the disk ${name} of the tree is what was ${path} before the rescue system was started (${formatSize(before.size)}, serial ${before.serial ?? "unknown"}), which cannot be told from others, or is not there any more`;
  return { message, hint: present(facts) };
}

function sizeFault(name: string, device: Device, minimum: Bytes | undefined): DeviceFault[] {
  if (minimum === undefined || device.size === 0 || device.size >= minimum) return [];
  return [
    {
      message: `${device.path} is too small for the disk ${name}: it has ${device.size} bytes, the plan needs ${minimum} (${formatSize(minimum)})`,
      hint: "use a larger disk, or make the tree's partitions smaller",
    },
  ];
}

function sectorFault(name: string, device: Device, sectorSize: Bytes | undefined): DeviceFault[] {
  if (sectorSize === undefined || device.sectorSize === sectorSize) return [];
  return [
    {
      message: `${device.path} has sectors of ${device.sectorSize} bytes, the disk ${name} of the tree has ${sectorSize}`,
      hint: `set sectorSize = ${device.sectorSize} for the disk ${name} in the tree`,
    },
  ];
}

function sameDiskFaults(disks: readonly FoundDisk[]): DeviceFault[] {
  const byName = Map.groupBy(disks, ({ device }) => device?.name);
  return [...byName].flatMap(([name, sharing]) =>
    name === undefined || sharing.length < 2
      ? []
      : [
          {
            message: `the disks ${sharing.map((disk) => disk.name).join(" and ")} of the tree are both /dev/${name}`,
            hint: "give each disk of the tree a device of its own",
          },
        ],
  );
}

function present({ disks }: TargetFacts): string {
  const usable = disks.filter(({ size }) => size > 0);
  if (usable.length === 0) return "it has no disk at all that its kernel shows: a driver may be missing there";
  return `its disks are ${usable.map(describeBriefly).join("; ")}; name one by --disk`;
}
