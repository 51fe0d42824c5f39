import type { ShellFunctions, ShellParts } from "../../runtime/shell-parts.ts";

const functions = {
  // Source: ext4's "Layout" in the kernel's documentation; a group has eight times as many blocks as a block has bytes.
  ext_copies: {
    text: `# Prints where a device has copies of an ext superblock, and their UUID: lines of KIB UUID.
ext_copies() {
  local scale group at bytes
  for scale in 0 1 2; do
    for group in 1 3 5; do
      at=$((group * (8192 << (2 * scale)) + (scale == 0)))
      read -r -d '' -a bytes < <(od -A n -v -t x1 -j "$((at * 1024))" -N 120 "$1" 2>/dev/null) || true
      if [ "\${bytes[*]:56:2} \${bytes[*]:90:2} \${bytes[*]:24:1}" = "53 ef 0$group 00 0$scale" ]; then
        echo "$at \${bytes[*]:104:16}"
      fi
    done
  done
}`,
    tools: ["od"],
  },
  lost_ext: {
    text: `# Prints the UUID of the ext filesystem on a device whose first superblock is lost. One that only lacks its magic number was
# erased by wipefs: that is no loss.
lost_ext() {
  local bytes uuid
  read -r _ uuid < <(ext_copies "$1") || return 1
  read -r -d '' -a bytes < <(od -A n -v -t x1 -j 1024 -N 120 "$1" 2>/dev/null) || true
  if [ "\${bytes[*]:56:2} \${bytes[*]:104:16}" = "00 00 $uuid" ]; then return 1; fi
  uuid=\${uuid// }
  echo "\${uuid:0:8}-\${uuid:8:4}-\${uuid:12:4}-\${uuid:16:4}-\${uuid:20}"
}`,
    tools: ["od"],
    needs: ["ext_copies"],
  },
  forget_copies: {
    text: `# Erases the copies of an ext superblock on a device.
forget_copies() {
  local at
  ext_copies "$1" | while read -r at _; do
    dd if=/dev/zero of="$1" bs=1024 seek="$at" count=1 conv=notrunc status=none
  done
}`,
    tools: ["dd"],
    needs: ["ext_copies"],
  },
  // resize2fs asks for this, and finds out by times that a machine without a clock cannot tell.
  repair_ext: {
    text: `# Looks at an ext filesystem as resize2fs asks for, and mends what needs no decision.
repair_ext() {
  e2fsck -f -p "$1" || [ "$?" = 1 ]
}`,
    tools: ["e2fsck"],
  },
  ext_features: {
    text: `# Prints the features of an ext filesystem, with a blank around each.
ext_features() {
  local name value
  while IFS=: read -r name value; do
    case $name in 'Filesystem features') echo "$value " ;; esac
  done < <(dumpe2fs -h "$1" 2>/dev/null)
}`,
    tools: ["dumpe2fs"],
  },
  // The kernel replays it as at any mount, and lets go of files that were deleted while they were open; e2fsck -n counts those as damage.
  check_ext: {
    text: `# Looks at an ext filesystem that is not mounted, and writes nothing but what the journal of one that lost its power holds.
check_ext() {
  local features
  features=$(ext_features "$1")
  case $features in
    *[[:space:]]needs_recovery[[:space:]]*)
      replay_journal ext4 "$1"
      ;;
  esac
  e2fsck -f -n "$1"
}`,
    tools: ["e2fsck"],
    needs: ["ext_features", "replay_journal"],
  },
  refuse_bigalloc: {
    text: `# Ends the script for an ext filesystem that resize2fs may leave unsound: refuse_bigalloc DEVICE.
refuse_bigalloc() {
  local features
  features=$(ext_features "$1")
  case $features in
    '') refuse "nothing tells the features of the filesystem on $1" "look at it with dumpe2fs -h $1" ;;
    *[[:space:]]bigalloc[[:space:]]*)
      refuse "the filesystem on $1 has the feature bigalloc, with which resize2fs may leave it unsound" "leave it as large as it is"
      ;;
  esac
}`,
    tools: [],
    needs: ["refuse", "ext_features"],
  },
  grow_ext: {
    text: `# Grows an ext filesystem that is not mounted to the size of its device: grow_ext DEVICE.
grow_ext() {
  refuse_bigalloc "$1"
  repair_ext "$1"
  resize2fs -f "$1"
}`,
    tools: ["resize2fs"],
    needs: ["refuse_bigalloc", "repair_ext"],
  },
  shrink_ext: {
    text: `# Makes an ext filesystem that is not mounted smaller: shrink_ext DEVICE KIB. By force resize2fs would begin with less than it needs.
# Nothing is cut off behind one that is unsound then.
shrink_ext() {
  local name value blocks= size=
  refuse_bigalloc "$1"
  repair_ext "$1"
  while IFS=: read -r name value; do
    case $name in 'Block size') size=$((value)) ;; esac
  done < <(dumpe2fs -h "$1" 2>/dev/null)
  while IFS=: read -r name value; do
    case $name in 'Estimated minimum size of the filesystem') blocks=$((value)) ;; esac
  done < <(resize2fs -P "$1" 2>/dev/null)
  if [ -z "$blocks" ] || [ -z "$size" ] || [ $((blocks * size / 1024)) -gt "$2" ]; then
    refuse "the filesystem on $1 cannot be made as small as $2 KiB: it needs \${blocks:-?} blocks of \${size:-?} bytes" "make room in it, or leave it larger"
  fi
  resize2fs -f "$1" "$2K"
  e2fsck -f -n "$1"
}`,
    tools: ["dumpe2fs", "e2fsck", "resize2fs"],
    needs: ["refuse", "refuse_bigalloc", "repair_ext"],
  },
  grow_mounted_ext: {
    text: `# Grows an ext filesystem that is mounted to the size of its device: grow_mounted_ext DEVICE.
grow_mounted_ext() {
  refuse_bigalloc "$1"
  resize2fs "$1"
}`,
    tools: ["resize2fs"],
    needs: ["refuse_bigalloc"],
  },
} satisfies ShellFunctions;

/** The parts of ext filesystems in scripts: what tells one that has lost its first superblock from stale bytes. */
export const extShell: ShellParts = {
  functions,
  lost: { what: "an ext filesystem whose first superblock is lost", found: { by: "uuid", uuidOf: "lost_ext" } },
  wiping: { after: 'forget_copies "$1"', tools: [], needs: ["forget_copies"] },
};
