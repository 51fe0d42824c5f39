#!/usr/bin/env bash
# Makes disks in the manner of disko's own scripts, for test/real/disko-script.test.ts: an ESP, an ext4
# root, and /home in LUKS.
# DEVICE in it stands for the disk.
set -efux

disko_devices_dir=$(mktemp -d)
trap 'rm -rf "$disko_devices_dir"' EXIT
mkdir -p "$disko_devices_dir"

yes_wipe_all_disks=false
while [ $# -gt 0 ]; do
  case "$1" in
    --yes-wipe-all-disks) yes_wipe_all_disks=true ;;
    *) exit 2 ;;
  esac
  shift
done
if [ "$yes_wipe_all_disks" = false ]; then
  read -rp "Do you really want to destroy this disk? " answer
  [ "$answer" = yes ] || exit 1
fi

umount -Rv /mnt || true
wipefs --all -f DEVICE
dd if=/dev/zero of=DEVICE bs=440 count=1

(
  device=DEVICE
  imageSize=2G
  name=main
  if ! blkid "$device" >&2; then
    sgdisk --clear "$device"
  fi
  if ! blkid "$device-part1" >&2; then
    sgdisk --align-end --new=1:0:+64M --partition-guid=1:R --change-name=1:disk-main-ESP --typecode=1:EF00 "$device"
    partprobe "$device" || :
    udevadm trigger --subsystem-match=block
    udevadm settle --timeout 120 || udevadm settle --timeout 120
  fi
  if ! blkid "$device-part2" >&2; then
    sgdisk --align-end --new=2:0:+64M --partition-guid=2:R --change-name=2:disk-main-home --typecode=2:8300 "$device"
    partprobe "$device" || :
    udevadm trigger --subsystem-match=block
    udevadm settle --timeout 120 || udevadm settle --timeout 120
  fi
  if ! blkid "$device-part3" >&2; then
    sgdisk --align-end --new=3:0:-0 --partition-guid=3:R --change-name=3:disk-main-root --typecode=3:8300 "$device"
    partprobe "$device" || :
    udevadm trigger --subsystem-match=block
    udevadm settle --timeout 120 || udevadm settle --timeout 120
  fi
  (
    device=/dev/disk/by-partlabel/disk-main-ESP
    if ! (blkid "$device" -o export | grep -q '^TYPE='); then
      mkfs.vfat -n ESP "$device"
    fi
  )
  (
    device=/dev/disk/by-partlabel/disk-main-home
    if ! blkid -o export "$device" | grep -q ^TYPE=; then
      cryptsetup -q luksFormat "$device" --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /tmp/disk.key
    fi
    if ! cryptsetup status crypted; then
      cryptsetup open "$device" crypted --key-file /tmp/disk.key --persistent
    fi
    if ! (blkid /dev/mapper/crypted -o export | grep -q '^TYPE='); then
      mkfs.ext4 -q /dev/mapper/crypted
    fi
  )
  (
    device=/dev/disk/by-partlabel/disk-main-root
    if ! (blkid "$device" -o export | grep -q '^TYPE='); then
      mkfs.ext4 -q -L nixos "$device"
    fi
  )
  echo "$name $imageSize" >"$disko_devices_dir/main"
)

(
  if ! findmnt /dev/disk/by-partlabel/disk-main-root /mnt/ >/dev/null 2>&1; then
    mount /dev/disk/by-partlabel/disk-main-root /mnt/ -t ext4 -o defaults -o X-mount.mkdir
  fi
  if ! findmnt /dev/disk/by-partlabel/disk-main-ESP /mnt/boot >/dev/null 2>&1; then
    mount /dev/disk/by-partlabel/disk-main-ESP /mnt/boot -t vfat -o umask=0077 -o X-mount.mkdir
  fi
  if ! findmnt /dev/mapper/crypted /mnt/home >/dev/null 2>&1; then
    mount /dev/mapper/crypted /mnt/home -t ext4 -o defaults -o X-mount.mkdir
  fi
)
