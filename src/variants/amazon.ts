import { GiB } from "../base/units.ts";
import type { VariantImage, Variant } from "./variant.ts";

export const amazon: Variant = {
  target: "Amazon EC2",
  partitions: ["legacy+gpt", "efi"],
  format: "vpc",
  leastSize: 4 * GiB,
  settings: 'partition = if config.ec2.efi or false then "efi" else "legacy+gpt";',
  impossible: ["ec2.zfs.enable"],
  imageInfo,
};

/** For nixpkgs' programs that upload it, of this year and of former ones. Source: nixpkgs, `amazon-image.nix`, `upload-ami`. */
function imageInfo({ file, bytes, firmware, label, system }: VariantImage): string {
  const facts = {
    label,
    boot_mode: firmware === "uefi" ? "uefi" : "legacy-bios",
    system,
    logical_bytes: String(bytes),
    file,
    disks: { root: { logical_bytes: String(bytes), file } },
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}
