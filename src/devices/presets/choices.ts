/** The partition table types of make-disk-image. */
export const partitions = ["legacy", "legacy+boot", "legacy+gpt", "efi", "efixbootldr", "hybrid", "none"] as const;
export type Partition = (typeof partitions)[number];

/** The filesystems that a root can have. */
export const rootFilesystems = ["ext4", "btrfs", "xfs", "f2fs"] as const;

/** The layouts that UEFI firmware boots, or whose installer may want to write its variables. */
export const layoutsWithEfiVariables: readonly Partition[] = ["hybrid", "efi", "efixbootldr", "legacy+gpt"];
