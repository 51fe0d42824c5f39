const withNix = (name: string) =>
  `nix build .#nixosConfigurations.NAME.config.system.build.images.${name} makes it, and so does nixos-rebuild build-image`;

/** The variants of nixpkgs that are no disk of an installed system, or not one that a partition table describes: what to use. */
export const notMade: Readonly<Record<string, string>> = {
  iso: `it is an installation medium and no disk of an installed system; ${withNix("iso")}`,
  "iso-installer": `it is an installation medium and no disk of an installed system; ${withNix("iso-installer")}`,
  kexec: `it is a kernel with its initrd and no disk; ${withNix("kexec")}`,
  lxc: `a container has no disk; ${withNix("lxc")}`,
  "lxc-metadata": `it describes a container, which has no disk; ${withNix("lxc-metadata")}`,
  "openstack-zfs": "its root is on ZFS; describe the pool in disko.devices, and build with --format qcow2",
  "proxmox-lxc": `a container has no disk; for a virtual machine there is proxmox; ${withNix("proxmox-lxc")}`,
  "sd-card": `the configuration's own commands fill its firmware partition; ${withNix("sd-card")}, and mkimage write puts it onto a card`,
};
