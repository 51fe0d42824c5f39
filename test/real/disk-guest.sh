#!/toolbox/bin/bash
# disk-guest.sh CASE: writes an image to a disk that is used, broken, lying or unplugged, in a guest with the programs of
# disk-guest.test.ts. The serial number of a disk is the name of its case. What a run of mkimage says is kept in
# /results/files. The line "unplug sda" asks whoever runs the guest to do so.
set -eu

export PATH=/toolbox/bin:/usr/sbin:/usr/bin:/sbin:/bin
# There is no udev, which the libraries of LVM would wait for.
export DM_DISABLE_UDEV=1
images=/toolbox/root/images

writes() { # RUN IMAGE DEVICE
  kept=/results/files/$1
  mkdir -p "$kept"
  size=$(blockdev --getsize64 "$3")
  status=0
  mkimage write --verbose "$images/$2" "$3" --yes --expect-size "$size" >"$kept/output" 2>"$kept/events" || status=$?
  echo "$status" >"$kept/status"
}

mkimage() {
  /toolbox/root/mkimage/bin/mkimage "$@"
}

disk() {
  /vm/disk "$1"
}

# No inode table is left to the kernel, which would fill it with zeros while the disk has to stay as it is.
make_ext4() { # DEVICE
  mkfs.ext4 -q -E lazy_itable_init=0 "$1"
}

# What the message tells the user to do about it, one after the other.
obey() { # RUN
  sed -nE 's/^(hint: [^:]*|  .* \([^:(]*): ([^)]*)\)?$/\2/p' "/results/files/$1/events" | awk '!seen[$0]++' >/tmp/advice
  cp /tmp/advice "/results/files/$1/advice"
  bash -eux /tmp/advice
}

# Refused while it is in use, and written once the user has done what the message says.
refused_then_written() { # CASE DEVICE
  # What was mounted a moment ago writes once more, after half a minute, which a busy machine takes for all this.
  sync
  md5sum "$2" >/tmp/before
  writes "$1" 512 "$2"
  ! md5sum -c -s /tmp/before || touch "/results/files/$1/untouched"
  obey "$1"
  writes "$1.released" 512 "$2"
  wipefs --no-act --noheadings --output TYPE "$2" >"/results/files/$1.released/signatures"
}

# Between a disk and a mirrored volume are volumes that have no name of their own for LVM.
case_lvm() {
  vgcreate --quiet a-group "$(disk lvm)" "$(disk lvm.other)" "$(disk lvm.empty)"
  lvcreate --quiet --yes --type raid1 --mirrors 1 --nosync --size 16M --name a-volume a-group \
    "$(disk lvm)" "$(disk lvm.other)"
  writes lvm.empty 512 "$(disk lvm.empty)"
  refused_then_written lvm "$(disk lvm)"
}

# Of metadata at the device's end nothing may be left either.
case_md() {
  mdadm --create /dev/md/data --run --level 1 --metadata 1.0 --raid-devices 2 "$(disk md)" missing
  refused_then_written md "$(disk md)"
}

case_crypt() {
  echo secret >/tmp/key
  cryptsetup --batch-mode luksFormat --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$(disk crypt)" /tmp/key
  cryptsetup open --key-file /tmp/key "$(disk crypt)" opened
  refused_then_written crypt "$(disk crypt)"
}

case_mount() {
  make_ext4 "$(disk mount)"
  mkdir -p "/a place"
  mount "$(disk mount)" "/a place"
  refused_then_written mount "$(disk mount)"
}

case_swap() {
  mkswap --quiet "$(disk swap)"
  swapon "$(disk swap)"
  refused_then_written swap "$(disk swap)"
}

# Of the devices of a filesystem the kernel names one.
case_btrfs() {
  mkfs.btrfs --quiet --mixed -d raid1 -m raid1 "$(disk btrfs.other)" "$(disk btrfs)"
  btrfs device scan
  mkdir -p /both
  mount "$(disk btrfs.other)" /both
  refused_then_written btrfs "$(disk btrfs)"
}

# LVM in LUKS in a partition, with a filesystem in it, beside swap and one half of an array.
case_stacked() {
  device=$(disk stacked)
  printf 'label: gpt\nsize=32M\nsize=16M\nsize=14M\n' | sfdisk --quiet "$device"
  echo secret >/tmp/key
  cryptsetup --batch-mode luksFormat --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "${device}1" /tmp/key
  cryptsetup open --key-file /tmp/key "${device}1" inner
  vgcreate --quiet group /dev/mapper/inner
  lvcreate --quiet --yes --size 8M --name volume group
  make_ext4 /dev/mapper/group-volume
  mkdir -p /deep
  mount /dev/mapper/group-volume /deep
  mkswap --quiet "${device}2"
  swapon "${device}2"
  mdadm --create /dev/md/half --run --level 1 --raid-devices 2 "${device}3" missing
  refused_then_written stacked "$device"
}

# TABLE... on standard input, as dmsetup reads them.
maps() { # NAME
  dmsetup create "$1"
  dmsetup mknodes
}

# All of a disk but a range that behaves in another way; in sectors of 512 bytes.
with_range() { # DEVICE FIRST COUNT TARGET...
  device=$1 first=$2 count=$3 total=$(($(blockdev --getsize64 "$1") / 512))
  shift 3
  [ "$first" = 0 ] || echo "0 $first linear $device 0"
  echo "$first $count $*"
  [ $((first + count)) = "$total" ] || echo "$((first + count)) $((total - first - count)) linear $device $((first + count))"
}

case_bad_write() {
  with_range "$(disk bad_write)" 10240 8 error | maps bad-write
  writes bad_write 512 /dev/mapper/bad-write
}

# It takes what is written, and cannot give it back.
case_bad_read() {
  device=$(disk bad_read)
  with_range "$device" 10240 8 error | maps bad-sectors
  echo "0 $(($(blockdev --getsize64 "$device") / 512)) delay /dev/mapper/bad-sectors 0 0 $device 0 0" | maps bad-read
  writes bad_read 512 /dev/mapper/bad-read
}

case_unwritable() {
  with_range "$(disk unwritable)" 0 16 error | maps unwritable
  writes unwritable 512 /dev/mapper/unwritable
}

# These drop what is written and say that all is well.
case_drops() {
  with_range "$(disk drops)" 4096 8 flakey "$(disk drops)" 4096 0 1 1 drop_writes | maps drops
  writes drops 512 /dev/mapper/drops
}

case_drops_head() {
  with_range "$(disk drops_head)" 0 2048 flakey "$(disk drops_head)" 0 0 1 1 drop_writes | maps drops-head
  writes drops_head 512 /dev/mapper/drops-head
}

# A disk whose lower half can be exchanged. Reading its middle and writing its ends takes a while, so that there is time
# to do so.
slow_disk() { # DEVICE
  total=$(($(blockdev --getsize64 "$1") / 512))
  last=$((total - 2048))
  echo "0 $total linear $1 0" | maps lower
  maps slow <<END
0 2048 delay /dev/mapper/lower 0 0 /dev/mapper/lower 0 300
2048 $((last - 2048)) delay /dev/mapper/lower 2048 100 /dev/mapper/lower 2048 0
$last 2048 delay /dev/mapper/lower $last 0 /dev/mapper/lower $last 300
END
}

exchange() { # DEVICE FEATURE
  echo "0 $total flakey $1 0 0 1 1 $2" | dmsetup load lower
  dmsetup suspend --nolockfs lower
  dmsetup resume lower
}

no_slow_disk() {
  dmsetup remove slow
  dmsetup remove lower
}

await_task() { # RUN TITLE
  until grep -q "^$2 \.\.\.$" "/results/files/$1/events" 2>/dev/null; do sleep 0.1; done
}

# It fails when all is written and read back, and only the first blocks are missing.
case_fails_late() {
  slow_disk "$(disk fails_late)"
  writes fails_late 512 /dev/mapper/slow &
  await_task fails_late "reading back"
  exchange "$(disk fails_late)" error_writes
  wait
  no_slow_disk
}

# The power goes while the first blocks are written: from some moment on nothing reaches the disk.
case_power() {
  slow_disk "$(disk power)"
  writes power 512 /dev/mapper/slow &
  await_task power "writing the first blocks"
  exchange "$(disk power)" drop_writes
  kill -KILL "$(pidof node)"
  wait
  no_slow_disk
}

written() { # DEVICE
  read -ra fields <"/sys/class/block/$1/stat"
  echo $((fields[6] / 2048))
}

case_unplug() {
  writes unplug 512 /dev/sda &
  # Both ends, and of the data the first MiB.
  until [ "$(written sda)" -ge 3 ]; do sleep 0.2; done
  echo "unplug sda"
  wait
}

case_sectors() {
  writes sectors 4096 "$(disk sectors)"
  writes sectors.other 512 "$(disk sectors)"
}

echo "case $1 $(cut -d ' ' -f 1 /proc/uptime)"
"case_$1"
