#!/toolbox/bin/bash
# scenes.sh SCENE: what the scripts of trees in /job/trees do to disks that hold something already, in a guest with ZFS. What
# ZFS and others say of it is kept in /results/files/SCENE.
set -eu

export PATH=/toolbox/bin:/bin
kept=/results/files/$1
mkdir -p "$kept"
pool=mkimage-test

does() {
  echo "$1 $2 $(cut -d " " -f 1 /proc/uptime)"
  bash "/job/trees/$1.$2" 2>"$kept/said" || { cat "$kept/said"; return 1; }
  cat "$kept/said"
}

# Where tables, labels and filesystems stand: the whole of a disk would take minutes.
sums() {
  for disk in vda vdb vdc; do
    for place in 0 2040; do dd if=/dev/$disk bs=1M count=8 skip=$place 2>/dev/null | md5sum; done
  done
}

blank() {
  wipefs --all --quiet --force "$1"[0-9]* "$1" 2>/dev/null || true
  # Its ends, and where ext4 keeps copies of its superblock.
  for place in 0 128 384 640 2047; do dd if=/dev/zero of="$1" bs=1M count=1 seek=$place conv=notrunc 2>/dev/null; done
  partprobe "$1"
}

status() {
  zpool status -P >"$kept/status.$1"
  zpool get -H -o value guid "$pool" >"$kept/guid.$1"
}

degraded() {
  does mirror format; does mirror mount
  status whole
  echo kept >/mnt/file
  does mirror unmount
  # ZFS's labels of the first member go with its disk.
  dd if=/dev/zero of=/dev/vda1 bs=1M count=4 conv=notrunc 2>/dev/null
  dd if=/dev/zero of=/dev/vda bs=1M count=16 seek=2032 conv=notrunc 2>/dev/null
  blank /dev/vda
  does mirror mount
  cp "$kept/said" "$kept/said.mounted"
  status mounted
  cat /mnt/file >"$kept/file.mounted"
  does mirror unmount
  does mirror format
  cp "$kept/said" "$kept/said.formatted"
  does mirror mount
  status formatted
  cat /mnt/file >"$kept/file.formatted"
  does mirror unmount
  does mirror destroy
}

# refuses NAME: formatting ends with a fault, and no byte of any disk changes.
refuses() {
  sums >"$kept/before"
  if does mirror format; then echo "formatted all the same" >"$kept/$1"; else cp "$kept/said" "$kept/$1"; fi
  sums >"$kept/after"
  cmp "$kept/before" "$kept/after"
}

foreign() {
  mkfs.ext4 -q -L precious /dev/vdb
  refuses ext4
  blank /dev/vdb
  zpool create -f other /dev/vdb
  zpool export other
  refuses pool
  zpool labelclear -f /dev/vdb1
  blank /dev/vdb
  zpool create -f "$pool" /dev/vdc
  refuses name
  zpool destroy -f "$pool"
  blank /dev/vdc
}

# What makes a pool what it is, whoever made it.
described() {
  zfs get -r -H -o name,property,value,source -t filesystem,volume type,mountpoint,canmount,mounted,compression,atime "$pool"
  zpool status -P "$pool" | grep -o '/dev/[^ ]*\|mirror-[0-9]\|special\|logs'
  zpool get -H -o property,value ashift,altroot "$pool"
}

# By what disko runs for the tree `compared`.
by_disko() {
  zpool create -f "$pool" -R /mnt -o ashift=12 -O compression=lz4 mirror /dev/vda1 /dev/vdb
  if [ "$(zfs get -H -o value mounted "$pool")" = yes ]; then zfs unmount "$pool"; fi
  zfs create -up "$pool/home" -o mountpoint=/home -o atime=off
  zfs create -up "$pool/plain"
  zfs create "$pool/volume" -V 64M
}

compared() {
  does compared format
  described >"$kept/ours"
  does compared mount
  findmnt -n -l -t zfs -o TARGET,SOURCE >"$kept/mounts"
  does compared unmount
  zpool import -N -R /mnt "$pool"
  zpool destroy -f "$pool"
  for one in /dev/vda1 /dev/vdb1; do zpool labelclear -f $one; done
  blank /dev/vdb
  by_disko
  described >"$kept/disko"
  zpool destroy -f "$pool"
  for one in /dev/vda1 /dev/vdb1; do zpool labelclear -f $one; done
  for one in /dev/vda /dev/vdb; do blank $one; done
}

changed() {
  does compared format
  does changed format
  described >"$kept/changed"
  zfs get -H -o value mounted "$pool/home" "$pool" >"$kept/mounted"
  does changed mount
  findmnt -n -l -t zfs -o TARGET,SOURCE >"$kept/mounts"
  # What is there already and mounted stays so.
  does changed format
  findmnt -n -l -t zfs -o TARGET,SOURCE >"$kept/again"
  does changed destroy
}

image() {
  does image mount
  find /mnt -type f -print0 | sort -z | xargs -0 sha256sum >"$kept/sums"
  findmnt -n -l -t zfs -o TARGET,SOURCE >"$kept/mounts"
  zpool status >"$kept/status"
  does image unmount
}

"$1"
