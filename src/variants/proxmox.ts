import type { Variant } from "./variant.ts";

/** The settings of the machine are the configuration's, but for those of the disk. */
const settings = `
  partition = config.proxmox.partitionTableType or null;
  size = config.proxmox.qemuConf.diskSize or config.virtualisation.diskSize or null;
  additionalSpace = config.proxmox.qemuConf.additionalSpace or null;
  bootSize = config.proxmox.qemuConf.bootSize or null;
  machine = {
    name = config.proxmox.qemuConf.name or null;
    settings = builtins.mapAttrs (_: toString) (removeAttrs
      ((config.proxmox.qemuConf or { }) // (config.proxmox.qemuExtraConf or { }))
      [ "diskSize" "additionalSpace" "bootSize" ]);
  };
`;

export const proxmox: Variant = {
  target: "Proxmox VE",
  partitions: ["legacy", "efi", "hybrid", "legacy+gpt", "legacy+boot", "efixbootldr"],
  format: "raw",
  archive: "vma",
  settings,
  product: "vma",
};
