import { moduleName } from "../guest/modules.ts";
import { nixString, nixValue } from "../nix/nix-text.ts";
import type { HardwareDevice, TargetFacts } from "./facts/target-facts.ts";

/**
 * Returns a machine's hardware as a NixOS module: the drivers that it needs before it has its root, what its processor
 * wants, and its platform. It has no file systems: those are the device tree's. Pure.
 *
 * Source: NixOS, nixos-generate-config(8).
 */
export function hardwareConfiguration(facts: TargetFacts): string {
  const { hardware, machine } = facts;
  const early = [...new Set(hardware.filter(isNeededEarly).flatMap(moduleOf))].toSorted();
  const lines = [
    `imports = [ ${importOf(facts)} ];`,
    "",
    `boot.initrd.availableKernelModules = ${nixValue(early)};`,
    `boot.kernelModules = ${nixValue(virtualisation(facts))};`,
    ...(hardware.some(({ modalias }) => modalias.startsWith("vmbus:"))
      ? ["virtualisation.hypervGuest.enable = true;"]
      : []),
    ...microcode(facts),
    "",
    "networking.useDHCP = lib.mkDefault true;",
    `nixpkgs.hostPlatform = lib.mkDefault ${nixString(`${platforms[machine] ?? machine}-linux`)};`,
  ];
  const body = lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
  return `# What mkimage found on this machine.\n{ config, lib, modulesPath, ... }:\n\n{\n${body}\n}\n`;
}

/** Where Nix has another name than the kernel. */
const platforms: Readonly<Record<string, string>> = {
  i386: "i686",
  i586: "i686",
  armv8l: "armv7l",
  ppc64le: "powerpc64le",
};

/** Disks, what is on the way to them, and what could have disks or keyboards: storage, USB and FireWire. */
function isNeededEarly({ modalias, disks, driver }: HardwareDevice): boolean {
  if (driver === undefined || builtIn.test(modalias)) return false;
  return disks.length > 0 || controllers.test(modalias) || usbDevices.test(modalias);
}

/** Source: PCI Code and ID Assignment: mass storage 01h, FireWire 0C00h, USB 0C03h; bridges 06h. */
const controllers = /^pci:.*bc(?:01|0Csc0[03])/;
const builtIn = /^(?:pci:.*bc06|usb:.*ic09|acpi:)/;

/** Source: USB-IF, defined class codes: storage 08h, HID 03h. */
const usbDevices = /^usb:.*ic0[38]isc/;

/** A driver that is a part of the machine's kernel may have another name than its module. */
const moduleNames: Readonly<Record<string, string>> = {
  sd: "sd_mod",
  sr: "sr_mod",
  vbd: "xen_blkfront",
  xhci_hcd: "xhci_pci",
  mmcblk: "mmc_block",
};

function moduleOf({ module, driver = "" }: HardwareDevice): string[] {
  const name = moduleName(module ?? moduleNames[driver] ?? driver);
  return /^\w+$/.test(name) ? [name] : [];
}

function importOf({ hardware }: TargetFacts): string {
  const isVirtual = hardware.some(({ modalias }) => modalias.startsWith("virtio:"));
  const path = isVirtual ? "/profiles/qemu-guest.nix" : "/installer/scan/not-detected.nix";
  return `(modulesPath + ${nixString(path)})`;
}

function virtualisation({ processor: { flags } }: TargetFacts): string[] {
  if (flags.includes("vmx")) return ["kvm-intel"];
  return flags.includes("svm") ? ["kvm-amd"] : [];
}

/** A virtual machine's processor is its host's business. */
function microcode({ processor: { vendor, flags } }: TargetFacts): string[] {
  const name = { GenuineIntel: "intel", AuthenticAMD: "amd" }[vendor];
  if (name === undefined || flags.includes("hypervisor")) return [];
  return [`hardware.cpu.${name}.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;`];
}
