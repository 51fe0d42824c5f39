import type { ShellFunctions } from "../../runtime/shell-parts.ts";
import { scratchFolder } from "../scratch.ts";

/** The functions that wait for devices, and ask them. */
export const deviceFunctions = {
  wait_for_udev: {
    text: `# Waits until udev has made the links to new devices, where there is a udev.
wait_for_udev() {
  if [ -S /run/udev/control ]; then
    udevadm trigger --subsystem-match=block
    settle_udev
  fi
}`,
    tools: [],
    needs: ["settle_udev"],
  },
  // Source: udev-ctrl.c of systemd 252: it takes a connection first, and asks for the names of senders then. A message that
  // comes between the two is from nobody, and the connection is closed: "Failed to wait for daemon to reply: Broken pipe".
  settle_udev: {
    text: `# Waits until udev, where there is one, has done what it was told. Rarely it hangs up on who asks: then it is asked again.
settle_udev() {
  if [ -S /run/udev/control ]; then
    udevadm settle --timeout=120 2>/dev/null || udevadm settle --timeout=120
  fi
}`,
    tools: [],
  },
  wait_for_node: {
    text: `# Waits until a device has its node.
wait_for_node() {
  local tries=240
  until [ -b "$1" ]; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then
      printf '%s has not appeared within 120 s\\n' "$1" >&2
      exit 1
    fi
    sleep 0.5
  done
}`,
    tools: ["sleep"],
  },
  content_of: {
    text: `# Prints the type of the filesystem or container on a device; nothing when it is empty.
content_of() {
  if kind=$(blkid --probe --match-tag TYPE --output value "$1"); then
    printf '%s\\n' "$kind"
  elif [ "$?" -ne 2 ]; then
    echo "several things at once"
  fi
}`,
    tools: ["blkid"],
  },
  refuse_bytes: {
    text: `# Ends the script when the first or the last MiB of a device has other bytes than zeros: refuse_bytes DEVICE.
refuse_bytes() {
  local size at bytes
  size=$(blockdev --getsize64 "$1")
  for at in 0 $((size > 1048576 ? size - 1048576 : 0)); do
    bytes=$(od -A n -t x1 -j "$at" -N 1048576 "$1")
    # od prints what repeats once, and a star for it.
    if [ -n "\${bytes//[ 0*$'\\n']/}" ]; then refuse "there is data on $1, and nothing says whose" "wipe it, if nobody needs it"; fi
  done
}`,
    tools: ["blockdev", "od"],
    needs: ["refuse"],
  },
  require_mounted: {
    text: `# Ends the script where what is mounted at a place is not a device's filesystem, or lies over it: require_mounted DEVICE PLACE.
require_mounted() {
  local major minor
  IFS=': ' read -r major minor < <(lsblk --noheadings --nodeps --raw --output MAJ:MIN "$1")
  # As the kernel packs the number of a device for programs.
  if [ "$(stat --format %d "$2")" != $(((minor & 255) | (major << 8) | ((minor & ~255) << 12))) ]; then
    refuse "something else than $1 is mounted at $2" "unmount what lies over it there"
  fi
}`,
    tools: ["lsblk", "stat"],
    needs: ["refuse"],
  },
  replay_journal: {
    text: `# Has the kernel write what the journal of a filesystem holds that lost its power while it was mounted: replay_journal TYPE DEVICE.
replay_journal() {
  mkdir -p ${scratchFolder}
  mount -t "$1" -o ro "$2" ${scratchFolder}
  umount ${scratchFolder}
}`,
    tools: ["mkdir", "mount", "umount"],
  },
  uuid_of: {
    text: `# Prints the UUID of what is on a device.
uuid_of() {
  blkid --probe --match-tag UUID --output value "$1"
}`,
    tools: ["blkid"],
  },
  label_of: {
    text: `# Prints the label of what is on a device.
label_of() {
  blkid --probe --match-tag LABEL --output value "$1"
}`,
    tools: ["blkid"],
  },
} as const satisfies ShellFunctions;
