# The packages with the programs that mkimage calls, as `src/runtime/tools.ts` names them. ZFS and bcachefs are not among
# them: their programs have to be those of the machine's kernel.
pkgs: with pkgs; [
  bash
  coreutils
  gnugrep
  gnutar
  gzip
  bzip2
  xz
  zstd
  nix
  qemu
  qemu-utils
  util-linux
  attr
  e2fsprogs
  openssh
  dosfstools
  btrfs-progs
  xfsprogs
  f2fs-tools
  exfatprogs
  ntfs3g
  gptfdisk
  parted
  cryptsetup
  lvm2.bin
  thin-provisioning-tools
  mdadm
  kmod
  systemd
  glibc.bin
  efibootmgr
  iproute2
  pkgsStatic.busybox
  pkgsStatic.kexec-tools
]
