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
  // Its mounts have numbers that no device has: the program asks the kernel what is on top at the place.
  require_mounted_btrfs: {
    text: `# Ends the script where another filesystem than a device's btrfs is mounted at a place: require_mounted_btrfs DEVICE PLACE.
require_mounted_btrfs() {
  local uuid
  uuid=$(uuid_of "$1")
  case $(btrfs filesystem show "$2") in
    *"uuid: \${uuid:-none}"*) ;;
    *)
      refuse "something else than $1 is mounted at $2" "unmount what lies over it there"
      ;;
  esac
}`,
    tools: ["btrfs"],
    needs: ["refuse", "uuid_of"],
  },
} as const satisfies ShellFunctions;

/** The parts of btrfs in scripts. */
export const btrfsShell: ShellParts = { functions };
