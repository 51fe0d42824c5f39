import { moduleName } from "../../guest/modules.ts";
import type { Device } from "../../machine/device.ts";
import type { DeviceFault } from "../../machine/rules.ts";
import type { HardwareDevice, TargetFacts } from "../facts/target-facts.ts";
import { modulesFor } from "./device-aliases.ts";
import type { SystemDrivers } from "./system-drivers.ts";

/**
 * Finds the disks that the system would not see when it starts, and the network cards through which nobody would reach it:
 * each device on the way to them that something drives now needs a driver, for disks in the initrd. Pure.
 */
export function driverFaults(
  { hardware, network }: TargetFacts,
  disks: readonly Device[],
  drivers: SystemDrivers,
): DeviceFault[] {
  const names = new Set(disks.map(({ name }) => name));
  const links = usedCards(network);
  const driven = hardware.filter(({ driver }) => driver !== undefined);
  return [
    ...driven.flatMap((device) =>
      diskFault(
        device,
        device.disks.filter((name) => names.has(name)),
        drivers,
      ),
    ),
    ...driven.flatMap((device) =>
      linkFault(
        device,
        device.links.filter((name) => links.has(name)),
        drivers,
      ),
    ),
  ];
}

/** Cards with an address, or below a bond, VLAN or bridge. */
function usedCards({ links }: TargetFacts["network"]): Set<string> {
  const below = links.flatMap(({ kind }) => {
    if (kind.type === "vlan") return [kind.parent];
    return kind.type === "bond" || kind.type === "bridge" ? kind.members : [];
  });
  const addressed = links.filter(({ addresses }) => addresses.length > 0).map(({ name }) => name);
  return new Set([...addressed, ...below]);
}

function diskFault(device: HardwareDevice, disks: readonly string[], drivers: SystemDrivers): DeviceFault[] {
  const modules = driversOf(device, drivers);
  const { initrd, builtIn } = drivers;
  if (disks.length === 0 || initrd === undefined) return [];
  if (modules === undefined || modules.some((module) => builtIn.has(module) || initrd.has(module))) return [];
  const what = `${describeDevice(device)}, on the way to ${disks.map((name) => `/dev/${name}`).join(" and ")}`;
  if (modules.length === 0) return [noDriver(what)];
  return [
    {
      message: `the system's initrd has no driver for ${what}: it lacks ${modules.join(" or ")}`,
      hint: `add ${modules.map((name) => JSON.stringify(name)).join(" or ")} to boot.initrd.availableKernelModules`,
    },
  ];
}

function linkFault(device: HardwareDevice, links: readonly string[], drivers: SystemDrivers): DeviceFault[] {
  if (links.length === 0 || driversOf(device, drivers)?.length !== 0) return [];
  return [noDriver(`${describeDevice(device)}, on the way to the network card ${links.join(" and ")}`)];
}

function noDriver(what: string): DeviceFault {
  return {
    message: `the system's kernel has no driver for ${what}`,
    hint: "use another kernel (boot.kernelPackages), or add the driver's package to boot.extraModulePackages",
  };
}

function describeDevice({ modalias, driver }: HardwareDevice): string {
  return `${modalias} (driven by ${driver} there)`;
}

/**
 * The modules of the system that are for a device: the one that drives it now, if that is one of them. Undefined where
 * the device needs none, or nobody can tell.
 */
function driversOf(device: HardwareDevice, drivers: SystemDrivers): string[] | undefined {
  const fitting = modulesFor(drivers.aliases, device.modalias);
  const now = [device.module, device.driver].flatMap((name) => (name === undefined ? [] : moduleName(name)));
  const same = fitting.filter((module) => now.includes(module));
  if (same.length > 0) return same;
  if (fitting.length > 0) return fitting;
  const isKnown = drivers.tellsBuiltIn && toldBuses.test(device.modalias) && !bridges.test(device.modalias);
  return isKnown && !now.some((name) => drivers.builtIn.has(name)) ? [] : undefined;
}

/** Buses whose drivers all say which devices they are for. */
const toldBuses = /^(?:pci|usb|virtio|scsi|vmbus|xen|mmc|sdio):/;

/** The kernel itself drives bridges of PCI, and says so nowhere. Source: PCI Code and ID Assignment, base class 06h. */
const bridges = /^pci:.*bc06/;
