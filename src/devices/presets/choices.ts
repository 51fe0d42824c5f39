/** The partition table types of make-disk-image. */
export const partitions = ["legacy", "legacy+boot", "legacy+gpt", "efi", "efixbootldr", "hybrid", "none"] as const;
export type Partition = (typeof partitions)[number];

/** The layouts that UEFI firmware boots, or whose installer may want to write its variables. */
export const layoutsWithEfiVariables: readonly Partition[] = ["hybrid", "efi", "efixbootldr", "legacy+gpt"];

/** The GUID of the root partition, and the UUID of the root filesystem, where nothing else is said. Source: make-disk-image.nix. */
export const usualRootGuid = "F222513B-DED1-49FA-B591-20CE86A2FE7F";
