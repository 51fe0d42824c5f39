/** The partition table types of make-disk-image. */
export const partitions = ["legacy", "legacy+boot", "legacy+gpt", "efi", "efixbootldr", "hybrid", "none"] as const;
export type Partition = (typeof partitions)[number];

/** The image formats, and the endings that their files have. */
export const formatEndings = {
  raw: "img",
  qcow2: "qcow2",
  "qcow2-compressed": "qcow2",
  vdi: "vdi",
  vpc: "vhd",
  vhdx: "vhdx",
  vmdk: "vmdk",
} as const;
export type Format = keyof typeof formatEndings;
export const formats = Object.keys(formatEndings) as [Format, ...Format[]];

/** The filesystems that a root can have. */
export const rootFilesystems = ["ext4", "btrfs", "xfs", "f2fs"] as const;
export type RootFilesystem = (typeof rootFilesystems)[number];

/** The layouts that UEFI firmware boots, or whose installer may want to write its variables. */
export const layoutsWithEfiVariables: readonly Partition[] = ["hybrid", "efi", "efixbootldr", "legacy+gpt"];
