import { GiB, MiB } from "../base/units.ts";
import { amazon } from "./amazon.ts";
import { proxmox } from "./proxmox.ts";
import type { Variant } from "./variant.ts";
import { vagrantVirtualbox, virtualbox } from "./virtualbox.ts";

/** Every variant, by the name that it has in `system.build.images`. */
const variants = {
  amazon,
  azure: {
    target: "Microsoft Azure",
    partitions: ["legacy", "efi"],
    format: "vpc-fixed",
    alignment: MiB,
    settings: `
      partition = if (config.virtualisation.azureImage.vmGeneration or "v1") == "v2" then "efi" else "legacy";
      bootSize = config.virtualisation.azureImage.bootSize or null;
    `,
    unheard: ["virtualisation.azureImage.contents"],
  },
  cloudstack: { target: "Apache CloudStack", partitions: ["legacy"], format: "qcow2" },
  "digital-ocean": {
    target: "DigitalOcean",
    partitions: ["legacy"],
    format: "qcow2",
    compress: "gzip",
    unheard: ["virtualisation.digitalOceanImage.configFile"],
  },
  "google-compute": {
    target: "Google Compute Engine",
    partitions: ["legacy", "efi"],
    format: "raw",
    archive: "googleTar",
    alignment: GiB,
    settings: 'partition = if config.virtualisation.googleComputeImage.efi or false then "efi" else "legacy";',
    unheard: ["virtualisation.googleComputeImage.contents", "virtualisation.googleComputeImage.configFile"],
  },
  hyperv: { target: "Microsoft Hyper-V", partitions: ["efi"], format: "vhdx", leastSize: 4 * GiB },
  kubevirt: { target: "KubeVirt", partitions: ["legacy"], format: "qcow2" },
  // Its own GRUB reads that of the system, on a disk without partitions.
  linode: {
    target: "Linode",
    partitions: ["none", "legacy"],
    format: "raw",
    compress: "gzip",
    unheard: ["virtualisation.linodeImage.configFile"],
  },
  oci: {
    target: "Oracle Cloud Infrastructure",
    partitions: ["efi", "legacy"],
    format: "qcow2",
    leastSize: 8 * GiB,
    settings: 'partition = if config.oci.efi or true then "efi" else "legacy";',
  },
  openstack: { target: "OpenStack", partitions: ["legacy"], format: "qcow2", leastSize: 8 * GiB },
  proxmox,
  qemu: { target: "QEMU, by BIOS", partitions: ["legacy"], format: "qcow2" },
  "qemu-efi": { target: "QEMU, by UEFI", partitions: ["efi"], format: "qcow2" },
  raw: { target: "any disk, by BIOS", partitions: ["legacy"], format: "raw" },
  "raw-efi": { target: "any disk, by UEFI", partitions: ["efi"], format: "raw" },
  "vagrant-virtualbox": vagrantVirtualbox,
  virtualbox,
  vmware: { target: "VMware", partitions: ["efi"], format: "vmdk", leastSize: 2 * GiB },
} as const satisfies Readonly<Record<string, Variant>>;

export type VariantName = keyof typeof variants;

export const variantNames = Object.keys(variants) as [VariantName, ...VariantName[]];

export function variantOf(name: VariantName): Variant {
  return variants[name];
}
