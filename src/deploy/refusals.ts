import { type Bytes, formatSize } from "../base/units.ts";
import type { DeviceFault } from "../machine/rules.ts";
import { diskFaults, type DemandedDisk } from "./disk-faults.ts";
import { driverFaults } from "./drivers/driver-faults.ts";
import type { SystemDrivers } from "./drivers/system-drivers.ts";
import { findDisk } from "./facts/find-disk.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import { kexecFaults } from "./kexec-faults.ts";

/** The demands of a system on the machine that it is deployed to. */
export interface DeployWants {
  /** As `uname -m` says it: `x86_64`. */
  readonly architecture: string;
  /** Whether the machine is to be started into the rescue system. */
  readonly entersRescue: boolean;
  /** Memory that the rescue system needs, of what the kernel counts (MemTotal): less than the machine has. */
  readonly memory: Bytes;
  readonly disks: readonly DemandedDisk[];
  /** By which firmware it can be started. */
  readonly firmware: "efi" | "bios" | "either";
  /** Undefined where its drivers are not known, which then are not looked at. */
  readonly drivers: SystemDrivers | undefined;
}

/** Every reason not to deploy to a machine; none when it may be done. Nothing is asked any more: pure. */
export function refusalsOf(facts: TargetFacts, wants: DeployWants): DeviceFault[] {
  if (facts.kernel !== "Linux") return [otherSystem(facts)];
  const devices = wants.disks.flatMap(({ path }) => findDisk(facts, path) ?? []);
  return [
    ...architectureFaults(facts, wants),
    // Our rescue system runs there already.
    ...(wants.entersRescue ? [...kexecFaults(facts), ...networkFaults(facts)] : []),
    ...memoryFaults(facts, wants),
    ...firmwareFaults(facts, wants),
    ...diskFaults(facts, wants.disks),
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

/** The rescue system has the same network, which it makes of cards, and of VLANs, bonds and bridges of these. */
function networkFaults({ network: { links } }: TargetFacts): DeviceFault[] {
  if (links.some(({ kind, addresses }) => kind.type !== "other" && addresses.length > 0)) return [];
  return [
    {
      message: "the machine tells no address of a network card: nobody could reach it after kexec",
      hint: "it needs `ip`, of iproute2 or BusyBox; a machine that is reached through a tunnel alone cannot be deployed to",
    },
  ];
}
