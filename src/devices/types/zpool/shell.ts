import type { ShellFunctions, ShellParts } from "../../../runtime/shell-parts.ts";

const functions = {
  pool_of: {
    text: `# Prints the pool of a device; of a whole disk, that of the partition that ZFS made for itself.
pool_of() {
  local one
  for one in $(lsblk --noheadings --raw --paths --output NAME "$1"); do
    if [ "$(blkid --probe --match-tag TYPE --output value "$one")" = zfs_member ]; then
      label_of "$one"
      return
    fi
  done
  return 1
}`,
    tools: ["blkid", "lsblk"],
    needs: ["label_of"],
  },
  // Source: vdev_label.c of OpenZFS: the names and values of a label, in XDR; 3 is a spare's state, 4 a cache's.
  is_spare_or_cache: {
    text: `# Succeeds for a device that is a spare or a cache of some pool: its label has neither a name nor a number of that.
is_spare_or_cache() {
  local one label
  for one in $(lsblk --noheadings --raw --paths --output NAME "$1"); do
    label=$(od -A n -v -t x1 -j 16384 -N 512 "$one" 2>/dev/null) || continue
    case \${label//[[:space:]]/} in *73746174650000000000000800000001000000000000000[34]*) return 0 ;; esac
  done
  return 1
}`,
    tools: ["lsblk", "od"],
  },
  import_pool: {
    text: `# Imports the pool that some devices are members of, degraded where others are missing: import_pool POOL ROOT DEVICE... Its
# number tells it from others of its name.
import_pool() {
  local pool=$1 root=$2 one numbers
  shift 2
  numbers=$(for one in $(lsblk --noheadings --raw --paths --output NAME "$@"); do
    if [ "$(blkid --probe --match-tag LABEL --output value "$one")" = "$pool" ]; then uuid_of "$one"; fi
  done | sort -u)
  if [[ $numbers = *$'\\n'* ]]; then
    refuse "these devices belong to several pools named $pool: take those out of the tree that are not meant"
  fi
  zpool import -f -N -R "$root" "$numbers"
}`,
    tools: ["zpool", "lsblk", "blkid", "sort"],
    needs: ["uuid_of", "refuse"],
  },
  close_pool: {
    text: `# Exports or destroys a pool: close_pool export|destroy OPTION... POOL. Who still looks at a volume that was written to a moment
# ago would keep a node of it that cannot be read.
close_pool() {
  settle_udev
  zpool "$@"
  settle_udev
}`,
    tools: ["zpool"],
    needs: ["settle_udev"],
  },
  set_properties: {
    text: `# Sets those properties of a dataset that differ: set_properties DATASET PROPERTY=VALUE... What ZFS mounts then, since
# it has a place by now, is unmounted again.
set_properties() {
  dataset=$1
  shift
  altroot=$(zpool get -H -o value altroot "\${dataset%%/*}")
  mounted=$(zfs get -H -o value mounted "$dataset")
  for pair in "$@"; do
    property=\${pair%%=*} wanted=\${pair#*=}
    case $property:$altroot:$wanted in mountpoint:/*:/*) wanted=\${altroot%/}\${wanted%/} ;; esac
    for form in -H -Hp; do
      [ "$(zfs get "$form" -o value,source "$property" "$dataset")" != "$wanted"$'\\tlocal' ] || continue 2
    done
    zfs set "$pair" "$dataset"
  done
  if [ "$mounted" = no ] && [ "$(zfs get -H -o value mounted "$dataset")" = yes ]; then zfs unmount "$dataset"; fi
}`,
    tools: ["zfs", "zpool"],
  },
} satisfies ShellFunctions;

/** The parts of ZFS in scripts. A spare or a cache has a label of ZFS, and no type that blkid knows. */
export const poolShell: ShellParts = {
  functions,
  wiping: {
    partition: `if command -v zpool >/dev/null && { [ "$(content_of "$partition")" = zfs_member ] || is_spare_or_cache "$partition"; }; then
  zpool labelclear -f "$partition"
fi`,
    tools: [],
    needs: ["content_of", "is_spare_or_cache"],
  },
};
