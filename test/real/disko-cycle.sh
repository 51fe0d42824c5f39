#!/toolbox/bin/bash
# disko-cycle.sh TREE PLACE: everything that can be done with a device tree, one after the other, in a guest that has its
# scripts in /job/trees; PLACE is a folder of the tree's that stays. What other programs say of it is kept, by moment, in
# /results/files/TREE.
set -eu

export PATH=/toolbox/bin:/bin
[ -S /run/udev/control ] || export DM_DISABLE_UDEV=1
name=$1
kept=/results/files/$name
file=$2/a\ file
mkdir -p "$kept"

does() {
  echo "$name $1 $(cut -d " " -f 1 /proc/uptime)"
  bash "/job/trees/$name.$1" < <(types "${2-}")
}

# What somebody types at the questions of a script.
types() {
  [ -f "/job/typed/$name" ] || return 0
  [ -z "$1" ] || echo "$1"
  yes "$(cat "/job/typed/$name")"
}

# Which passwords open which containers.
opening() {
  devices | while read -r one; do
    cryptsetup isLuks "$one" || continue
    for word in "$(cat "/job/typed/$name")" mistyped; do
      if printf %s "$word" | cryptsetup open --test-passphrase --key-file=- "$one"; then echo "$word opens $one"; fi
    done
  done
}

# Every block device that there is; the node of an array that was stopped may stay behind.
devices() {
  for one in /dev/vd[abc]* /dev/mapper/* /dev/md/*; do
    [ -b "$one" ] || continue
    case $one in /dev/md/*) mdadm --detail "$one" >/dev/null 2>&1 || continue ;; esac
    echo "$one"
  done
}

said() {
  lsblk -J -b -o NAME,TYPE,SIZE >"$kept/lsblk.$1"
  findmnt -J -l -o TARGET,FSTYPE,SOURCE,OPTIONS >"$kept/mounts.$1"
  swapon --show=NAME,PRIO --noheadings >"$kept/swap.$1"
  for disk in vda vdb vdc; do
    sfdisk -J "/dev/$disk" >"$kept/table.$disk.$1" 2>/dev/null || true
  done
  devices | while read -r one; do
    echo "$one $(blkid -p -s TYPE -s UUID -s LABEL -o export "$one" | grep -v ^DEVNAME= | tr '\n' ' ')"
  done >"$kept/contents.$1"
}

# What is known of it in its own words.
described() {
  lvs --reportformat json -o lv_name,vg_name,segtype,lv_size,stripes --units b --nosuffix >"$kept/lvs" 2>/dev/null
  vgs --reportformat json -o vg_name,pv_count,lv_count >"$kept/vgs" 2>/dev/null
  for array in /dev/md/*; do
    # A partition of an array would be described as that.
    [ ! -d "/sys/class/block/$(basename "$(readlink -f "$array")")/md" ] || mdadm --detail "$array"
  done >"$kept/mdadm"
  devices | while read -r one; do cryptsetup luksDump "$one" || true; done >"$kept/luks" 2>/dev/null
  findmnt -n -l -t btrfs -o TARGET | sort | head -n 1 | while read -r place; do
    btrfs subvolume list "$(printf %b "$place")"
    btrfs filesystem show --raw "$(printf %b "$place")"
  done >"$kept/btrfs"
  ! command -v zpool >/dev/null || zpool status -P >"$kept/pools" || true
  [ ! -f "/job/typed/$name" ] || opening >"$kept/opening" 2>/dev/null
  sfdisk -J --label-nested=dos /dev/vda >"$kept/mbr" 2>/dev/null || true
}

does format mistyped; does mount
said first; described
does mount
said again
echo kept >"$file"
does unmount
said unmounted
does mount
[ "$(cat "$file")" = kept ]
does unmount
does format; does mount
[ "$(cat "$file")" = kept ]
said formatted
does destroy
said destroyed
does format mistyped; does mount
[ ! -e "$file" ]
said anew
does destroy
# No udev takes these links away.
rm -rf /dev/md
