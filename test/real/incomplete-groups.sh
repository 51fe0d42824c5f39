#!/toolbox/bin/bash
# incomplete-groups.sh loses TREE [OTHER] | rules TREE ROUNDS | half TREE: what happens to a group whose first device is
# replaced by a blank one, and what OTHER, a tree of the same devices, makes of it then; and on a machine whose rules put
# groups together by themselves. The scripts of the trees are in /job/scripts; what came of them is kept in
# /results/files/TREE.
set -eu

export PATH=/toolbox/bin:/bin
[ -S /run/udev/control ] || export DM_DISABLE_UDEV=1 MDADM_NO_UDEV=1

runs() { # TREE MODE NAME
  status=0
  bash "/job/scripts/$1.$2" >"$kept/$3.output" 2>"$kept/$3.errors" || status=$?
  echo "$status" >"$kept/$3"
  echo "$1 $3: $status $(cut -d " " -f 1 /proc/uptime)"
}

must() { # TREE MODE
  bash "/job/scripts/$1.$2" || { echo "$1 $2 failed"; exit 1; }
}

blank() { # DISK
  wipefs --all --quiet "$1"
  dd if=/dev/zero of="$1" bs=1M count=24 status=none
  dd if=/dev/zero of="$1" bs=1M seek=$(($(blockdev --getsize64 "$1") / 1048576 - 1)) count=1 status=none
  partprobe "$1"
}

known() {
  blkid --probe --output export "$1" | grep -E '^(TYPE|UUID|UUID_SUB)='
}

# In sectors, since the guest began.
written() { # NAME
  sync
  read -ra fields <"/sys/class/block/$1/stat"
  echo "${fields[6]}"
}

survives() { # TREE
  kept=/results/files/$1
  mkdir -p "$kept"
  before=$(written vdb)
  known /dev/vdb >"$kept/known.before"
  runs "$1" format formatted
  runs "$1" mount mounted
  echo $(($(written vdb) - before)) >"$kept/written"
  cat /mnt/precious >"$kept/precious" 2>/dev/null || true
  runs "$1" unmount unmounted
  known /dev/vdb >"$kept/known.after"
  wipefs --no-act --noheadings /dev/vda >"$kept/blank"
}

loses() { # TREE [OTHER]
  must "$1" format
  must "$1" mount
  echo precious >/mnt/precious
  must "$1" unmount
  blank /dev/vda
  for tree in "$@"; do survives "$tree"; done
  for disk in /dev/vda /dev/vdb; do blank "$disk"; done
}

nothing_left() {
  for disk in /dev/vda /dev/vdb; do wipefs --no-act --noheadings "$disk"; done
  grep ^md /proc/mdstat || true
  dmsetup ls | grep -v "No devices" || true
}

# Whoever assembles by rules does so whenever anything changes.
rules() { # TREE ROUNDS
  kept=/results/files/$1.rules
  mkdir -p "$kept"
  for round in $(seq "$2"); do
    runs "$1" anew "anew.$round"
    grep "^md" /proc/mdstat >"$kept/arrays.$round" || true
  done
  runs "$1" destroy destroyed
  udevadm trigger --action=add --subsystem-match=block
  udevadm settle || udevadm settle
  nothing_left >"$kept/left"
}

# Half of an array, which rules have found and do not start.
half() { # TREE
  kept=/results/files/$1.half
  mkdir -p "$kept"
  must "$1" format
  must "$1" mount
  echo precious >/mnt/precious
  must "$1" unmount
  blank /dev/vda
  udevadm trigger --action=add --subsystem-match=block
  udevadm settle || udevadm settle
  cat /proc/mdstat >"$kept/mdstat"
  runs "$1" format formatted
  runs "$1" mount mounted
  cat /mnt/precious >"$kept/precious" 2>/dev/null || true
  runs "$1" unmount unmounted
  runs "$1" destroy destroyed
  nothing_left >"$kept/left"
}

"$@"
