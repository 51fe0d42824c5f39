import { type Bytes, formatSize } from "../base/units.ts";
import type { Device } from "../machine/device.ts";
import { type DeviceFault, refusals } from "../machine/rules.ts";
import { driverFaults } from "./drivers/driver-faults.ts";
import type { SystemDrivers } from "./drivers/system-drivers.ts";
import { findDisk } from "./facts/find-disk.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import { kexecFaults } from "./kexec-faults.ts";

/** The demands of a system on the machine that it is deployed to. */
export interface DeployWants {
  /** As `uname -m` says it: `x86_64`. */
  readonly architecture: string;
  /** Memory that the rescue system needs, of what the kernel counts (MemTotal): less than the machine has. */
  readonly memory: Bytes;
  readonly disks: readonly WantedDisk[];
  /** By which firmware it can be started. */
  readonly firmware: "efi" | "bios" | "either";
  /** Undefined where its drivers are not known, which then are not looked at. */
  readonly drivers: SystemDrivers | undefined;
}

/** A disk of the tree. */
interface WantedDisk {
  /** The name by which layouts know it. */
  readonly name: string;
  /** Its path on the machine: as the user gave it, or as the tree says. */
  readonly path: string;
  /** Undefined: any. */
  readonly minimumSize: Bytes | undefined;
  /** Undefined: any. */
  readonly sectorSize: Bytes | undefined;
}

/** Every reason not to deploy to a machine; none when it may be done. Nothing is asked any more: pure. */
export function refusalsOf(facts: TargetFacts, wants: DeployWants): DeviceFault[] {
  if (facts.kernel !== "Linux") return [otherSystem(facts)];
  const found = wants.disks.map((disk) => ({ ...disk, device: findDisk(facts, disk.path) }));
  const devices = found.flatMap(({ device }) => device ?? []);
  return [
    ...architectureFaults(facts, wants),
    // Our rescue system runs there already.
    ...(facts.rescue === undefined ? kexecFaults(facts) : []),
    ...memoryFaults(facts, wants),
    ...firmwareFaults(facts, wants),
    ...found.flatMap((disk) => diskFaults(facts, disk)),
    ...sameDiskFaults(found),
    ...(wants.drivers === undefined ? [] : driverFaults(facts, devices, wants.drivers)),
  ];
}

function otherSystem({ kernel }: TargetFacts): DeviceFault {
  return {
    message: `the machine runs ${kernel === "" ? "no system that is known" : kernel}, not Linux`,
    hint: "start any Linux there, such as a rescue system of the provider's",
  };
}

function architectureFaults({ machine }: TargetFacts, { architecture }: DeployWants): DeviceFault[] {
  if (machine === architecture) return [];
  return [
    {
      message: `the machine is ${machine}, the system is for ${architecture}`,
      hint: `build it for ${machine} (nixpkgs.hostPlatform), or start the machine with a kernel for ${architecture}`,
    },
  ];
}

function memoryFaults({ memory: { total } }: TargetFacts, { memory }: DeployWants): DeviceFault[] {
  if (total >= memory) return [];
  return [
    {
      message: `the machine has ${formatSize(total)} of memory, the rescue system needs ${formatSize(memory)}`,
      hint: "give the machine more memory, if only for now",
    },
  ];
}

function firmwareFaults({ firmware }: TargetFacts, wants: DeployWants): DeviceFault[] {
  if (wants.firmware === "either" || wants.firmware === firmware) return [];
  return [
    wants.firmware === "efi"
      ? {
          message: "the system is started by EFI, and the machine was started by BIOS",
          hint: "switch the machine to EFI, or give the system a layout and a boot loader for BIOS (GRUB with boot.loader.grub.device)",
        }
      : {
          message: "the system is started by BIOS, and the machine was started by EFI",
          hint: "switch the machine to BIOS (legacy, CSM), or give the system an EFI system partition and a boot loader for EFI",
        },
  ];
}

interface FoundDisk extends WantedDisk {
  readonly device: Device | undefined;
}

function diskFaults(facts: TargetFacts, { name, path, device, minimumSize, sectorSize }: FoundDisk): DeviceFault[] {
  if (device === undefined)
    return [
      { message: `the disk ${name} of the tree is ${path}, which the machine does not have`, hint: present(facts) },
    ];
  // Who uses it now is gone with the system that runs there.
  const own = refusals({ ...device, users: [], holds: [] }, {});
  return [...own, ...sizeFault(name, device, minimumSize), ...sectorFault(name, device, sectorSize)];
}

function sizeFault(name: string, device: Device, minimum: Bytes | undefined): DeviceFault[] {
  if (minimum === undefined || device.size === 0 || device.size >= minimum) return [];
  return [
    {
      message: `${describe(device)} is too small for the disk ${name}: it has ${device.size} bytes, the plan needs ${minimum} (${formatSize(minimum)})`,
      hint: "use a larger disk, or make the tree's partitions smaller",
    },
  ];
}

function sectorFault(name: string, device: Device, sectorSize: Bytes | undefined): DeviceFault[] {
  if (sectorSize === undefined || device.sectorSize === sectorSize) return [];
  return [
    {
      message: `${describe(device)} has sectors of ${device.sectorSize} bytes, the disk ${name} of the tree has ${sectorSize}`,
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
  return `its disks are ${usable.map(describe).join("; ")}; name one by --disk`;
}

/** By the path that stays with the disk, where there is one. */
function describe({ name, byIdPaths, size, model }: Device): string {
  const [path] = byIdPaths;
  const known = path === undefined ? [] : [`/dev/${name}`];
  return `${path ?? `/dev/${name}`} (${[...known, formatSize(size), ...(model === undefined ? [] : [model])].join(", ")})`;
}
