/** A layout of make-disk-image, and a variant of the demo system that boots from it. */
export interface Preset {
  readonly partition: string;
  readonly variant: string;
  /** The starter of the system: firmware, or QEMU, which is given the kernel. */
  readonly startedBy: readonly ("bios" | "efi" | "kernel")[];
}

export const bare: Preset = { partition: "none", variant: "none", startedBy: ["kernel"] };

/** All seven. */
export const presets: readonly Preset[] = [
  bare,
  { partition: "efi", variant: "systemd-boot", startedBy: ["efi"] },
  { partition: "efixbootldr", variant: "systemd-boot-xbootldr", startedBy: ["efi"] },
  { partition: "legacy", variant: "grub", startedBy: ["bios"] },
  { partition: "legacy+boot", variant: "grub", startedBy: ["bios"] },
  { partition: "legacy+gpt", variant: "grub", startedBy: ["bios"] },
  { partition: "hybrid", variant: "grub-both", startedBy: ["bios", "efi"] },
];
