#!/bin/busybox sh
# Opens the containers of the disk with the serial number $1 as the case of that name is made, and says what other
# programs find: one file a fact in /results/files/$1.
set -eu

export PATH=/toolbox/bin:/bin DM_DISABLE_UDEV=1 MDADM_NO_UDEV=1
kept=/results/files/$1
mkdir -p "$kept" /seen

partition() {
  /vm/disk "$1" "$2"
}

# fact NAME COMMAND...: keeps what a command says.
fact() {
  name=$1
  shift
  "$@" >"$kept/$name" 2>&1
}

# filesystem NAME DEVICE [OPTIONS]: checks a filesystem, and says what is free on it, and what its files add up to.
filesystem() {
  case $(blkid -p -s TYPE -o value "$2") in
    ext4) fact "$1.check" e2fsck -fn "$2" ;;
    btrfs) fact "$1.check" btrfs check --readonly "$2" ;;
    xfs) : ;;
  esac
  fact "$1.size" blockdev --getsize64 "$2"
  mount -o "noatime${3:+,$3}" "$2" /seen
  fact "$1.free" stat -f -c '%a %S' /seen
  fact "$1.top" ls -A /seen
  store=/seen/nix/store
  [ -d "$store" ] || store=/seen/store
  if [ -d "$store" ]; then
    (cd "$store" && find . -type f -print0 | sort -z | xargs -0 md5sum) | md5sum >"$kept/$1.store"
  fi
  if [ -e /seen/etc/host.key ]; then
    fact "$1.key" stat -c '%a %u %g %Y' /seen/etc/host.key
    cat /seen/etc/host.key >>"$kept/$1.key"
  fi
  umount /seen
}

case $1 in
  luks-lvm)
    cryptsetup open --key-file /job/secrets/key "$(partition "$1" 2)" crypted
    fact luks cryptsetup luksDump "$(partition "$1" 2)"
    vgchange --activate y --ignoremonitoring pool
    fact lvs lvs --noheadings --units b --nosuffix -o lv_name,lv_size pool
    filesystem / /dev/pool/root
    filesystem home /dev/pool/home
    fact swap blkid -p -s TYPE -o value /dev/pool/swap
    vgchange --activate n pool
    cryptsetup close crypted
    ;;
  raid1)
    mdadm --assemble /dev/md/data "$(partition "$1" 3)" "$(partition "$1-two" 3)"
    fact mdadm mdadm --detail /dev/md/data
    filesystem / /dev/md/data
    # Both halves hold the same, so that nothing has to be brought into step.
    mdadm --readonly /dev/md/data || true
    echo check >"/sys/block/$(basename "$(readlink -f /dev/md/data)")/md/sync_action" || true
    mdadm --wait /dev/md/data || true
    fact mismatches cat "/sys/block/$(basename "$(readlink -f /dev/md/data)")/md/mismatch_cnt"
    mdadm --stop /dev/md/data
    ;;
  btrfs)
    filesystem / "$(partition "$1" 1)" subvol=/rootfs
    filesystem nix "$(partition "$1" 1)" subvol=/nix
    mount -o subvol=/ "$(partition "$1" 1)" /seen
    fact subvolumes btrfs subvolume list /seen
    fact swapfile btrfs inspect-internal map-swapfile /seen/swap/swapfile
    umount /seen
    ;;
esac
