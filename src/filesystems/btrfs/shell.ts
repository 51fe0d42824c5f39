import type { ShellFunctions, ShellParts } from "../../runtime/shell-parts.ts";

const functions = {
  // Source: btrfs-filesystem(8): without a number it is the first device that gets another size.
  grow_btrfs: {
    text: `# Grows a mounted btrfs to the size of one of its devices: grow_btrfs DEVICE MOUNTPOINT.
grow_btrfs() {
  local name value number=
  while read -r name value; do
    if [ "$name" = dev_item.devid ]; then number=$value; fi
  done < <(btrfs inspect-internal dump-super "$1")
  if [ -z "$number" ]; then refuse "$1 does not say which device of its filesystem it is" "look at it with btrfs filesystem show"; fi
  btrfs filesystem resize "$number:max" "$2"
}`,
    tools: ["btrfs"],
    needs: ["refuse"],
  },
} as const satisfies ShellFunctions;

/** The parts of btrfs in scripts. */
export const btrfsShell: ShellParts = { functions };
