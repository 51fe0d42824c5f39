#!/toolbox/bin/bash
# foreign-content.sh: holds the scripts of /job/scripts against devices that hold something already, as /job/cells has it:
# ROW PLACE COLUMN OUTCOME. What came of each is kept in /results/files/ROW.PLACE.COLUMN.
set -eu

export PATH=/toolbox/bin:/bin DM_DISABLE_UDEV=1 MDADM_NO_UDEV=1
kept=/run/kept
mkdir -p "$kept" /precious
printf 'a key' >/tmp/key

attach() { # FILE LOOP
  losetup --partscan "$2" "$1"
}

blank() { # FILE
  rm -f "$1"
  dd if=/dev/zero of="$1" bs=1 count=0 seek=48M status=none
}

with_precious() { # DEVICE
  mount "$1" /precious
  echo precious >/precious/file
  umount /precious
}

row_nothing() { :; }
row_ext4() { mkfs.ext4 -q -L precious "$1" && with_precious "$1"; }
# Its makers allow such a small one to their own tests.
row_xfs() { TEST_DIR=1 TEST_DEV=1 QA_CHECK_FS=1 mkfs.xfs -q "$1" && with_precious "$1"; }
row_btrfs() { mkfs.btrfs -q --mixed "$1" && with_precious "$1"; }
row_vfat() { mkfs.vfat "$1" && with_precious "$1"; }
row_swap() { mkswap "$1"; }
row_LUKS() { cryptsetup --batch-mode luksFormat --type luks1 --pbkdf-force-iterations 1000 "$1" /tmp/key; }
group() { # NAME DEVICE
  vgcreate --quiet --yes "$1" "$2"
  lvcreate --quiet --yes --size 8M --name l "$1"
  mkfs.ext4 -q "/dev/$1/l"
  with_precious "/dev/$1/l"
  vgchange --quiet --activate n "$1"
}
row_own_group() { group vg "$1"; }
row_other_group() { group other "$1"; }
row_no_group() { pvcreate --quiet --yes "$1"; }
array() { # NAME DEVICE
  mdadm --create "/dev/md/$1" --run --force --level=1 --raid-devices=1 --homehost=any "$2"
  mkfs.ext4 -q "/dev/md/$1"
  with_precious "/dev/md/$1"
  mdadm --stop "/dev/md/$1"
}
row_own_array() { array data "$1"; }
row_other_array() { array other "$1"; }
row_gpt() { printf 'label: gpt\nsize=8M\n' | sfdisk --quiet --no-reread --no-tell-kernel "$1"; }
row_msdos() { printf 'label: dos\nsize=8M\n' | sfdisk --quiet --no-reread --no-tell-kernel "$1"; }
row_several() {
  mkfs.btrfs -q --mixed "$1"
  dd if="$1" of=/tmp/btrfs bs=64k skip=1 count=1 status=none
  mkswap "$1"
  dd if=/tmp/btrfs of="$1" bs=64k seek=1 conv=notrunc status=none
}

device_at() { # PLACE
  case $1 in disk) echo /dev/loop0 ;; partition) echo /dev/loop0p1 ;; esac
}

# Made once, since no cell may change it.
template() { # ROW PLACE
  file=$kept/$1.$2
  [ ! -e "$file" ] || return 0
  blank "$file"
  [ "$2" = disk ] || printf 'label: gpt\nsize=44M\n' | sfdisk --quiet "$file"
  attach "$file" /dev/loop0
  "row_$1" "$(device_at "$2")"
  sync
  losetup --detach /dev/loop0
  sum_of "$1.$2" >"$file.sum"
}

# Of a whole file, without reading its holes.
sum_of() { # NAME
  tar --create --sparse --mtime=@0 --directory="$kept" "$1" | sha256sum
}

described() { # DEVICE
  blkid --probe --output export "$1" | grep -E '^(TYPE|PTTYPE|UUID|PTUUID)=' || true
}

written() {
  read -ra fields <"/sys/class/block/loop0/stat"
  echo "${fields[6]}"
}

close_all() {
  vgchange --quiet --activate n 2>/dev/null || true
  [ ! -e /dev/md/data ] || mdadm --stop /dev/md/data 2>/dev/null || true
  [ ! -e /dev/mapper/opened ] || cryptsetup close opened
  sync
}

# What people would look for in what was kept.
precious() { # COLUMN DEVICE
  case $1 in
    filesystem | btrfs) place=$2 ;;
    lvm_pv) place=/dev/vg/l ;;
    mdraid) place=/dev/md/data ;;
    luks) [ ! -e /dev/mapper/opened ] || echo precious; return ;;
    *) echo precious; return ;;
  esac
  mount -o ro "$place" /precious && cat /precious/file && umount /precious
}

cell() { # ROW PLACE COLUMN OUTCOME
  echo "$1 $2 $3 $(cut -d " " -f 1 /proc/uptime)"
  results=/results/files/$1.$2.$3
  mkdir -p "$results"
  template "$1" "$2"
  file=$kept/$1.$2
  device=$(device_at "$2")
  if [ "$4" != refused ]; then
    cp --sparse=always "$file" /run/copy
    file=/run/copy
  fi
  blank /run/second
  attach "$file" /dev/loop0
  attach /run/second /dev/loop1
  described "$device" >"$results/before"
  before=$(written)
  status=0
  bash "/job/scripts/$3.$2" >"$results/output" 2>"$results/errors" || status=$?
  echo "$status" >"$results/status"
  sync
  echo $(($(written) - before)) >"$results/written"
  described "$device" >"$results/after"
  [ "$4" != kept ] || precious "$3" "$device" >"$results/precious" 2>&1 || true
  close_all
  losetup --detach /dev/loop0
  losetup --detach /dev/loop1
  if [ "$4" = refused ] && [ "$(sum_of "$1.$2")" != "$(cat "$file.sum")" ]; then echo changed >"$results/changed"; fi
}

while read -r row place column outcome; do
  cell "$row" "$place" "$column" "$outcome" </dev/null
done </job/cells
