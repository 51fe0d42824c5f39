import type { BootableSystem } from "../../src/bootloaders/bootloader.ts";
import type { Bootspec } from "../../src/nix/bootspec.ts";
import { builder2505, copyExtraFiles, systemd } from "./systemd-boot/builders.ts";
import { storePath } from "./sample-paths.ts";

export const toplevel = storePath("nixos-system-demo-25.05");
export const kernel = `${storePath("linux-6.12.30")}/bzImage`;
export const initrd = `${storePath("initrd-linux-6.12.30")}/initrd`;
export const secrets = `${storePath("append-initrd-secrets")}/bin/append-initrd-secrets`;
export const installer = storePath("install-systemd-boot.sh");
export const builder = `${storePath("systemd-boot")}/bin/systemd-boot`;

export const bootspec: Bootspec = {
  system: "x86_64-linux",
  toplevel,
  init: `${toplevel}/init`,
  kernel,
  kernelParams: ["loglevel=4", "root=fstab"],
  label: "NixOS Warbler 25.05 (Linux 6.12.30)",
  initrd,
  initrdSecrets: secrets,
  systemdBoot: { sortKey: "nixos" },
  extraInitrds: [],
  specialisations: {},
};

export const system: BootableSystem = { toplevel, bootspec };

/** The program append-initrd-secrets in a system without secrets. */
export const noSecrets = `#!${storePath("bash")}/bin/bash -e
if [ $# -ne 1 ]; then
  exit 1
fi

exit 0

mkdir -p "$tmp"
cp -a /etc/key "$tmp"
`;

/** The files that a system with systemd-boot has; the tests add to them and replace some. */
export const files: Readonly<Record<string, string>> = {
  [`${toplevel}/bin/switch-to-configuration`]: `#!/bin/sh -e\nexport OUT='${toplevel}'\nexport INSTALL_BOOTLOADER='${installer}'\nexec "x" "$@"\n`,
  [installer]: `#!${storePath("bash")}/bin/bash\n${builder} "$@"\n\n`,
  [builder]: builder2505(),
  [copyExtraFiles]: `#!${storePath("bash")}/bin/bash\n\n\n`,
  [kernel]: "kernel",
  [initrd]: "initrd, longer",
  [secrets]: noSecrets,
  [`${systemd}/lib/systemd/libsystemd-shared-257.so`]: "ELF",
  [`${systemd}/lib/systemd/boot/efi/systemd-bootx64.efi`]: "loader",
  [`${systemd}/lib/systemd/boot/efi/linuxx64.efi.stub`]: "stub",
};
