import { missingModules, moduleName, type ModuleIndex } from "../../guest/modules.ts";
import { type DeviceAlias, modulesFor } from "../drivers/device-aliases.ts";
import type { HardwareDevice, TargetFacts } from "../facts/target-facts.ts";

/** A kernel's modules, and the devices that they are for. */
interface KernelDrivers {
  readonly modules: ModuleIndex;
  /** None where they are not known. */
  readonly aliases: readonly DeviceAlias[];
}

/** The modules of a rescue system. */
interface RescueModules {
  readonly names: readonly string[];
  /** Devices on the way to a disk or a network that this kernel has no driver for. */
  readonly undriven: readonly HardwareDevice[];
  /** Devices with a running watchdog, which this kernel has no driver for. */
  readonly unfed: readonly HardwareDevice[];
  /** Modules without which the network cannot be as it was, such as `bonding`. */
  readonly missing: readonly string[];
}

/**
 * Chooses the modules of the system's own kernel that reach the disks and networks of a machine, and feed its watchdogs. Where a device has no driver
 * by its modalias, nor by the name of what drives it now, all common drivers come along: it may have a part that is not
 * seen.
 */
export function rescueModules(
  drivers: KernelDrivers,
  { hardware, network }: Pick<TargetFacts, "hardware" | "network">,
): RescueModules {
  const devices = hardware.filter(({ disks, links }) => disks.length > 0 || links.length > 0);
  const found = devices.map((device) => ({ device, names: driversOf(drivers, device) }));
  const undriven = found.filter(({ device, names }) => names.length === 0 && !isBridge(device));
  const watched = hardware.filter(({ watchdogs }) => watchdogs.length > 0);
  const dogs = watched.map((device) => ({ device, names: driversOf(drivers, device) }));
  const forNetwork = network.links.flatMap(({ kind }) => linkModules[kind.type]);
  const names = [
    ...found.flatMap(({ names: fitting }) => fitting),
    ...(undriven.length > 0 || devices.length === 0 ? commonDrivers : []),
    ...always,
    ...forNetwork,
    ...dogs.flatMap(({ names: fitting }) => fitting),
  ];
  return {
    names: [...new Set(names)],
    undriven: undriven.map(({ device }) => device),
    unfed: dogs.flatMap(({ device, names: fitting }) => (fitting.length > 0 || isBridge(device) ? [] : device)),
    missing: missingModules(drivers.modules, [...new Set(forNetwork)]),
  };
}

function driversOf({ modules, aliases }: KernelDrivers, { modalias, module, driver }: HardwareDevice): string[] {
  const fitting = modulesFor(aliases, modalias);
  if (fitting.length > 0) return fitting;
  const now = [module, driver].flatMap((name) => (name === undefined ? [] : moduleName(name)));
  return now.filter((name) => missingModules(modules, [name]).length === 0).slice(0, 1);
}

/** The kernel needs no module for what joins two buses. Source: PCI Code and ID Assignment Specification, class 06. */
function isBridge({ modalias }: HardwareDevice): boolean {
  return /^pci:.*bc06sc/.test(modalias);
}

/** Sockets of raw packets are for DHCP. */
const always = ["af_packet", "ipv6", "sd_mod"];

const linkModules = { card: [], vlan: ["8021q"], bond: ["bonding"], bridge: ["bridge"], other: [] } as const;

const commonDrivers = words(`
  virtio_pci virtio_mmio virtio_blk virtio_scsi virtio_net
  nvme ahci ata_piix sd_mod mmc_block sdhci_pci sdhci_acpi usb_storage uas xhci_pci ehci_pci
  mpt3sas megaraid_sas smartpqi hpsa aacraid mptspi vmw_pvscsi
  hv_vmbus hv_storvsc hv_netvsc xen_blkfront xen_netfront ena gve vmxnet3
  e1000 e1000e igb igc ixgbe i40e ice r8169 tg3 bnxt_en bnx2 mlx4_en mlx5_core
`);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
