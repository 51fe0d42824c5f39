import { execFileSync } from "node:child_process";
import test from "ava";
import { hardwareConfiguration } from "../../src/deploy/hardware-config.ts";
import type { HardwareDevice, TargetFacts } from "../../src/deploy/facts/target-facts.ts";
import { targetFacts } from "./target-facts.ts";

const someFacts = targetFacts({ machine: "x86_64", processor: { vendor: "GenuineIntel", flags: ["vmx"] } });

function device(modalias: string, driver: string | undefined, module?: string): HardwareDevice {
  return { path: "/sys/devices/x", modalias, driver, module, disks: [], links: [], watchdogs: [] };
}

const server: TargetFacts = {
  ...someFacts,
  hardware: [
    device("pci:v00008086d0000A382sv0sd0bc01sc06i01", "ahci", "ahci"),
    device("pci:v0000144Dd0000A80Asv0sd0bc01sc08i02", "nvme", "nvme"),
    device("pci:v00008086d0000A3AFsv0sd0bc0Csc03i30", "xhci_hcd", "xhci-pci"),
    device("pci:v00008086d00003420sv0sd0bc06sc04i00", "pcieport"),
    device("pci:v00008086d00001533sv0sd0bc02sc00i00", "igb", "igb"),
    device("usb:v046Dp0001d0100dc00dsc00dp00ic03isc01ip01in00", "usbhid", "usbhid"),
    device("usb:v1D6Bp0003d0601dc09dsc00dp03ic09isc00ip00in00", "hub", "usbcore"),
    { ...device("scsi:t-0x00", "sd"), disks: ["sda"] },
    device("pci:v0000ABCDd0sv0sd0bc01sc04i00", undefined),
  ],
};

function parsed(text: string): string {
  return execFileSync("nix-instantiate", ["--parse", "-"], { input: text, encoding: "utf8" });
}

/** The values that the module sets, by Nix itself, with a library of the few functions that it calls. */
function valuesOf(facts: TargetFacts): Record<string, unknown> {
  const text = hardwareConfiguration(facts);
  const call = `(${text}) { config.hardware.enableRedistributableFirmware = true; lib.mkDefault = x: x; modulesPath = "/modules"; }`;
  const json = execFileSync("nix-instantiate", ["--eval", "--strict", "--json", "--expr", call], { encoding: "utf8" });
  return JSON.parse(json) as Record<string, unknown>;
}

test("a server's drivers, processor and platform are a NixOS module", (t) => {
  t.notThrows(() => parsed(hardwareConfiguration(server)));
  t.deepEqual(valuesOf(server), {
    imports: ["/modules/installer/scan/not-detected.nix"],
    boot: {
      initrd: { availableKernelModules: ["ahci", "nvme", "sd_mod", "usbhid", "xhci_pci"] },
      kernelModules: ["kvm-intel"],
    },
    hardware: { cpu: { intel: { updateMicrocode: true } } },
    networking: { useDHCP: true },
    nixpkgs: { hostPlatform: "x86_64-linux" },
  });
});

test("a virtual machine needs no microcode", (t) => {
  const values = valuesOf({
    ...someFacts,
    machine: "aarch64",
    processor: { vendor: "AuthenticAMD", flags: ["svm", "hypervisor"] },
    hardware: [
      { ...device("pci:v00001AF4d00001001sv0sd0bc01sc00i00", "virtio-pci", "virtio_pci"), disks: ["vda"] },
      { ...device("virtio:d00000002v00001AF4", "virtio_blk"), disks: ["vda"] },
    ],
  });
  t.deepEqual(values, {
    imports: ["/modules/profiles/qemu-guest.nix"],
    boot: { initrd: { availableKernelModules: ["virtio_blk", "virtio_pci"] }, kernelModules: ["kvm-amd"] },
    networking: { useDHCP: true },
    nixpkgs: { hostPlatform: "aarch64-linux" },
  });
});

test("a machine of Hyper-V is one", (t) => {
  const hardware = [{ ...device("vmbus:ba6163d9", "hv_storvsc", "hv_storvsc"), disks: ["sda"] }];
  t.like(valuesOf({ ...someFacts, hardware }), { virtualisation: { hypervGuest: { enable: true } } });
});

test("whatever a machine calls itself, the module is one of Nix", (t) => {
  const hardware = [
    { ...device("pci:x", 'a"; x = "'), disks: ["sda"] },
    { ...device("pci:y", "${x}"), disks: ["sda"] },
  ];
  const text = hardwareConfiguration({ ...someFacts, machine: '"; ${x}', hardware });
  t.notThrows(() => parsed(text));
  t.regex(text, /availableKernelModules = \[ \];/);
});
