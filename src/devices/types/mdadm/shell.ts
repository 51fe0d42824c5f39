import type { ShellFunctions, ShellParts } from "../../../runtime/shell-parts.ts";

const functions = {
  array_of: {
    text: `# Prints the name of a member's array, without that of the machine that it was made on.
array_of() {
  local said key value name='an array without a name'
  said=$(mdadm --examine --export "$1") || return
  while IFS='=' read -r key value; do
    if [ "$key" = MD_NAME ]; then name=\${value#*:}; fi
  done <<<"$said"
  printf '%s' "$name"
}`,
    tools: ["mdadm"],
  },
  assemble_array: {
    text: `# Assembles an array of those members that are there, or has it run when rules have found only a part of them:
# assemble_array ARRAY MEMBER...
assemble_array() {
  local array=$1 holder
  shift
  if mdadm --detail "$array" >/dev/null 2>&1 && ! is_inactive "$(readlink -f -- "$array")"; then return; fi
  for holder in $(holders_of "$@"); do
    if is_inactive "$holder"; then mdadm --stop "/dev/\${holder##*/}"; fi
  done
  mdadm --assemble --run "$array" "$@"
}
is_inactive() {
  [ "$(cat "/sys/class/block/\${1##*/}/md/array_state" 2>/dev/null)" = inactive ]
}`,
    tools: ["mdadm", "readlink", "cat"],
    needs: ["holders_of"],
  },
  holders_of: {
    text: `# Prints the arrays that hold some devices.
holders_of() {
  local one path holder
  for one in "$@"; do
    path=$(readlink -f -- "$one")
    for holder in "/sys/class/block/\${path##*/}"/holders/md*; do
      if [ -e "$holder" ]; then printf '/dev/%s\\n' "\${holder##*/}"; fi
    done
  done | sort -u
}`,
    tools: ["readlink", "sort"],
  },
  // Source: 63-md-raid-arrays.rules of mdadm.
  link_partitions: {
    text: `# Where there is no udev, links the partitions of an array by its name: /dev/md/data1, /dev/md/data2p1.
link_partitions() {
  [ ! -S /run/udev/control ] || return 0
  case $1 in *[0-9]) infix=p ;; *) infix= ;; esac
  for partition in "$(readlink -f -- "$1")"p*; do
    if [ -b "$partition" ]; then ln -sf "$partition" "$1$infix\${partition##*p}"; fi
  done
}`,
    tools: ["readlink", "ln"],
  },
  stop_array: {
    text: `# Stops an array. What was written to it a moment ago may still be looked at.
stop_array() {
  local tries=20
  until mdadm --stop "$1"; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then return 1; fi
    settle_udev
    sleep 0.5
  done
}`,
    tools: ["mdadm", "sleep"],
    needs: ["settle_udev"],
  },
  // Source: systemd, "Locking Block Device Access".
  dissolve_array: {
    text: `# Has members forget an array that is stopped: dissolve_array MEMBER... While their disks are locked, no rule assembles it
# again of those that still know it; one that has done so a moment before is undone.
dissolve_array() {
  local one disk holder lock locks=() tries=20
  if [ -S /run/udev/control ]; then
    settle_udev
    for disk in $(lsblk --noheadings --nodeps --paths --output PKNAME,KNAME "$@" | while read -r one _; do echo "$one"; done | sort -u); do
      exec {lock}<"$disk"
      flock --exclusive --timeout 60 "$lock" || true
      locks+=("$lock")
    done
  fi
  while true; do
    for holder in $(holders_of "$@"); do mdadm --stop "$holder" || true; done
    if forget_array "$@"; then break; fi
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then
      echo "an array of $* is assembled again and again; stop what does it" >&2
      exit 1
    fi
    sleep 0.5
  done
  for lock in "\${locks[@]}"; do exec {lock}<&-; done
}
forget_array() {
  local one status=0
  for one in "$@"; do
    if [[ $(content_of "$one") != *_raid_member ]]; then continue; fi
    mdadm --zero-superblock "$one" || status=1
  done
  return "$status"
}`,
    tools: ["lsblk", "sort", "flock", "mdadm", "sleep"],
    needs: ["holders_of", "content_of", "settle_udev"],
  },
} satisfies ShellFunctions;

/** The parts of md arrays in scripts. */
export const arrayShell: ShellParts = {
  functions,
  wiping: {
    before: 'local holder\nfor holder in $(holders_of "$1"); do stop_array "$holder"; done',
    tools: [],
    needs: ["holders_of"],
    mayNeed: ["stop_array"],
  },
  withoutUdev: "MDADM_NO_UDEV=1",
};
