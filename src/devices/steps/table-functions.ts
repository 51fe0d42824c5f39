import type { ShellFunctions } from "../../runtime/shell-parts.ts";
import { changeTableFunctions } from "./change-table-functions.ts";

/** The functions for partition tables. */
export const tableFunctions = {
  ...changeTableFunctions,
  table_of: {
    text: `# Prints whose a partition table is, by the names of those of its partitions that have one: table_of NUMBER NAME... DEVICE.
table_of() {
  local device=\${!#} there
  while [ "$#" -gt 1 ]; do
    there=$(sfdisk --part-label "$device" "$1" 2>/dev/null) || there=''
    if [ -n "$there" ] && [ "$there" != "$2" ]; then
      printf 'another tree: its partition %s is "%s", where this tree has "%s"' "$1" "\${there//[[:cntrl:]]/?}" "$2"
      return
    fi
    shift 2
  done
  printf 'the tree'
}`,
    tools: ["sfdisk"],
  },
  require_names: {
    text: `# Ends the script when partitions with these numbers have other names: require_names NUMBER NAME... DEVICE.
require_names() {
  local whose
  whose=$(table_of "$@")
  if [ "$whose" = 'the tree' ]; then return; fi
  refuse "\${!#} has the partitions of $whose" "nothing was mounted: give this tree the nodes that the disk was made with, or rename the partition with sgdisk --change-name"
}`,
    tools: [],
    needs: ["table_of", "refuse"],
  },
  clear_partitions: {
    text: `# Has the partitions of a device that this run has cleared forget what was at their places before, once: what is made on
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
    tools: ["wipefs"],
    needs: ["is_cleared"],
  },
} as const satisfies ShellFunctions;
