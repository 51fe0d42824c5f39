#!/toolbox/bin/bash
# change-guest.sh CASE: makes disks from one tree, fills them, has them changed into those of another, and compares every file:
# where they are, and after they were mounted again. What other programs say is kept in /results/files/CASE.
set -eu

export PATH=/toolbox/bin:/bin
[ -S /run/udev/control ] || export DM_DISABLE_UDEV=1
name=$1
kept=/results/files/$name
mkdir -p "$kept"

does() {
  echo "$name $1 $(cut -d " " -f 1 /proc/uptime)"
  bash "/job/scripts/$name.$1"
}

# Every place that is mounted below /mnt.
places() {
  findmnt --noheadings --list --output TARGET | grep '^/mnt' | sort
}

fill() {
  places | while read -r place; do
    dd if=/dev/urandom of="$place/large" bs=64k count=48 2>/dev/null
    mkdir "$place/folder"
    for one in 1 2 3 4 5 6 7 8; do dd if=/dev/urandom of="$place/folder/$one" bs=1k count="$one" 2>/dev/null; done
  done
  sync
  (cd /mnt && find . -type f -exec md5sum {} + | sort -k 2) >/tmp/sums
}

compare() {
  if (cd /mnt && md5sum -c /tmp/sums >"$kept/compared.$1" 2>&1); then echo yes; else echo no; fi >"$kept/same.$1"
}

said() {
  lsblk -J -b -o NAME,TYPE,SIZE,LABEL,PARTLABEL,MOUNTPOINT >"$kept/lsblk.$1"
  df -P -k /mnt | tail -n 1 | awk '{ print $2 }' >"$kept/space.$1"
  places >"$kept/places.$1"
  findmnt --noheadings --output OPTIONS /mnt >"$kept/options.$1" || true
}

# All that holds a filesystem and is not mounted.
check() {
  for one in /dev/vd[abc] /dev/vd[abc][0-9] /dev/mapper/* /dev/md/*; do
    [ -b "$one" ] || continue
    case "$(blkid -p -s TYPE -o value "$one" 2>/dev/null)" in
      ext4) e2fsck -f -n "$one" >"$kept/fsck" 2>&1 || echo "$one" >>"$kept/unsound" ;;
      xfs) xfs_repair -n "$one" >"$kept/fsck" 2>&1 || echo "$one" >>"$kept/unsound" ;;
      btrfs) btrfs check --readonly "$one" >"$kept/fsck" 2>&1 || echo "$one" >>"$kept/unsound" ;;
    esac
  done
}

does format; does mount
fill
said before
if [ -e "/job/scripts/$name.unmounted" ]; then does old-unmount; does old-open; fi
does change
if [ ! -e "/job/scripts/$name.unmounted" ]; then compare changed; said changed; fi
does mount-new
compare mounted
said after
# How LVM writes down what no tree has a word for.
if [ "$name" = thin ]; then
  lvcreate --yes --snapshot --name copy pool/root
  lvcreate --yes --snapshot --size 32M --name snap pool/home
  pvck --dump metadata /dev/vda1 >"$kept/metadata" 2>/dev/null
  lvremove --yes pool/copy pool/snap
fi
if [ "$name" = large-extents ]; then
  lvs --noheadings --nosuffix --units b --options lv_name,lv_size,vg_extent_size,vg_extent_count pool >"$kept/volumes"
fi
does unmount
does open
check
does close
for disk in /dev/vda /dev/vdb /dev/vdc; do sgdisk --verify "$disk" >"$kept/table.${disk#/dev/}" 2>&1 || true; done
does mount-new
compare again
does destroy
rm -rf /dev/md
