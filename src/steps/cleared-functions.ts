/**
 * The shell functions, by name, with which rendered scripts tell stale bytes from a filesystem that has lost its first
 * superblock. On a device that this run has made or wiped, earlier content is stale; on any other it is somebody's.
 */
export const clearedFunctions = {
  mark_cleared: `# What a device held before now is over: mark_cleared DEVICE.
mark_cleared() {
  cleared+=("$1")
}`,
  is_cleared: `# Succeeds when what a device held before this run is over.
cleared=()
is_cleared() {
  local one
  for one in "\${cleared[@]}"; do
    if [ "$one" = "$1" ]; then return 0; fi
  done
  return 1
}`,
  clear_partitions: `# Has the partitions of a device that this run has cleared forget what was at their places before, once: what is made on
# them from now on stays. clear_partitions DEVICE PARTITION...
clear_partitions() {
  local disk=$1 one others=()
  shift
  if ! is_cleared "$disk"; then return 0; fi
  for one in "\${cleared[@]}"; do
    if [ "$one" != "$disk" ]; then others+=("$one"); fi
  done
  cleared=("\${others[@]}" "$@")
  for one in "$@"; do
    if [ -b "$one" ]; then wipefs --all --quiet "$one"; fi
  done
}`,
  // Source: ext4's "Layout" in the kernel's documentation; a group has eight times as many blocks as a block has bytes.
  ext_copies: `# Prints where a device has copies of an ext superblock, and their UUID: lines of KIB UUID.
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
  lost_ext: `# Prints the UUID of the ext filesystem on a device whose first superblock is lost. One that only lacks its magic number was
# erased by wipefs: that is no loss.
lost_ext() {
  local bytes uuid
  read -r _ uuid < <(ext_copies "$1") || return 1
  read -r -d '' -a bytes < <(od -A n -v -t x1 -j 1024 -N 120 "$1" 2>/dev/null) || true
  if [ "\${bytes[*]:56:2} \${bytes[*]:104:16}" = "00 00 $uuid" ]; then return 1; fi
  uuid=\${uuid// }
  echo "\${uuid:0:8}-\${uuid:8:4}-\${uuid:12:4}-\${uuid:16:4}-\${uuid:20}"
}`,
  forget_copies: `# Erases the copies of an ext superblock on a device.
forget_copies() {
  local at
  ext_copies "$1" | while read -r at _; do
    dd if=/dev/zero of="$1" bs=1024 seek="$at" count=1 conv=notrunc status=none
  done
}`,
} as const satisfies Readonly<Record<string, string>>;

/** The programs that these functions call. */
export const clearedFunctionTools = {
  mark_cleared: [],
  is_cleared: [],
  clear_partitions: ["wipefs"],
  ext_copies: ["od"],
  lost_ext: ["od"],
  forget_copies: ["dd", "od"],
} as const;
