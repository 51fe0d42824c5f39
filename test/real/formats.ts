import type { Disk } from "../../src/guest/qemu.ts";

/** A format as it is asked for, the file's name in the output, and what QEMU calls it. */
export interface Format {
  readonly title: string;
  readonly flags: readonly string[];
  readonly name: string;
  readonly driver: Disk["format"];
}

export const rawFormat: Format = { title: "raw", flags: ["--format", "raw"], name: "nixos.img", driver: "raw" };

/** Every format but raw. */
export const otherFormats: readonly Format[] = [
  { title: "qcow2", flags: ["--format", "qcow2"], name: "nixos.qcow2", driver: "qcow2" },
  {
    title: "qcow2 by zlib",
    flags: ["--format", "qcow2-compressed", "--compression", "zlib"],
    name: "nixos.qcow2",
    driver: "qcow2",
  },
  {
    title: "qcow2 by zstd",
    flags: ["--format", "qcow2-compressed", "--compression", "zstd"],
    name: "nixos.qcow2",
    driver: "qcow2",
  },
  { title: "vdi", flags: ["--format", "vdi"], name: "nixos.vdi", driver: "vdi" },
  { title: "vpc", flags: ["--format", "vpc"], name: "nixos.vhd", driver: "vpc" },
  { title: "vpc-fixed", flags: ["--format", "vpc-fixed"], name: "nixos.vhd", driver: "vpc" },
  { title: "vhdx", flags: ["--format", "vhdx"], name: "nixos.vhdx", driver: "vhdx" },
  { title: "vmdk", flags: ["--format", "vmdk"], name: "nixos.vmdk", driver: "vmdk" },
];
