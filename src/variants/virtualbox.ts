import type { Variant } from "./variant.ts";

const settings = `
  size = config.virtualbox.baseImageSize or config.virtualisation.diskSize or null;
  additionalSpace = if config ? virtualbox.baseImageFreeSpace then config.virtualbox.baseImageFreeSpace else null;
  machine = { name = config.virtualbox.vmName or null; memory = config.virtualbox.memorySize or null; };
`;

/** The description of the machine names no firmware, and VirtualBox then takes its BIOS. */
export const virtualbox: Variant = {
  target: "VirtualBox",
  partitions: ["legacy", "legacy+gpt", "legacy+boot", "hybrid"],
  format: "vmdk",
  archive: "ova",
  settings,
  unheard: ["virtualbox.extraDisk", "virtualbox.exportParams", "virtualbox.postExportCommands"],
  product: "ova",
};

export const vagrantVirtualbox: Variant = {
  ...virtualbox,
  target: "Vagrant, with VirtualBox",
  archive: "vagrantBox",
  product: "box",
};
