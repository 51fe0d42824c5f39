import type { Tool } from "../runtime/tools.ts";
import { clearedFunctions, clearedFunctionTools } from "./cleared-functions.ts";
import { claimFunctions, claimFunctionTools } from "./claim-functions.ts";
import { zfsFunctions, zfsFunctionTools } from "./zfs-functions.ts";

/** Functions that rendered scripts share, by name; a script carries those that it calls. */
const shellFunctions: Readonly<Record<string, string>> = {
  ...clearedFunctions,
  ...claimFunctions,
  ...zfsFunctions,
  begin: `begin() {
  printf '==> %s\\n' "$1"
}`,
  wait_for_udev: `# Waits until udev has made the links to new devices, where there is a udev.
wait_for_udev() {
  if [ -S /run/udev/control ]; then
    udevadm trigger --subsystem-match=block
    udevadm settle --timeout=120
  fi
}`,
  wait_for_node: `# Waits until a device has its node.
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
  assemble_array: `# Assembles an array of those members that are there, or has it run when rules have found only a part of them:
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
  holders_of: `# Prints the arrays that hold some devices.
holders_of() {
  local one path holder
  for one in "$@"; do
    path=$(readlink -f -- "$one")
    for holder in "/sys/class/block/\${path##*/}"/holders/md*; do
      if [ -e "$holder" ]; then printf '/dev/%s\\n' "\${holder##*/}"; fi
    done
  done | sort -u
}`,
  // Source: 63-md-raid-arrays.rules of mdadm.
  link_partitions: `# Where there is no udev, links the partitions of an array by its name: /dev/md/data1, /dev/md/data2p1.
link_partitions() {
  [ ! -S /run/udev/control ] || return 0
  case $1 in *[0-9]) infix=p ;; *) infix= ;; esac
  for partition in "$(readlink -f -- "$1")"p*; do
    if [ -b "$partition" ]; then ln -sf "$partition" "$1$infix\${partition##*p}"; fi
  done
}`,
  content_of: `# Prints the type of the filesystem or container on a device; nothing when it is empty.
content_of() {
  if kind=$(blkid --probe --match-tag TYPE --output value "$1"); then
    printf '%s\\n' "$kind"
  elif [ "$?" -ne 2 ]; then
    echo "several things at once"
  fi
}`,
  is_swap: `# Succeeds when the kernel swaps to a file.
is_swap() {
  printf '%b\\n' "$(swapon --show=NAME --noheadings --raw)" | grep -qxF -e "$(readlink -f -- "$1")"
}`,
  stop_array: `# Stops an array. What was written to it a moment ago may still be looked at.
stop_array() {
  local tries=20
  until mdadm --stop "$1"; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then return 1; fi
    if [ -S /run/udev/control ]; then udevadm settle --timeout=120; fi
    sleep 0.5
  done
}`,
  // Source: systemd, "Locking Block Device Access".
  dissolve_array: `# Has members forget an array that is stopped: dissolve_array MEMBER... While their disks are locked, no rule assembles it
# again of those that still know it; one that has done so a moment before is undone.
dissolve_array() {
  local one disk holder lock locks=() tries=20
  if [ -S /run/udev/control ]; then
    udevadm settle --timeout=120
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
  wipe_disk: `# Makes a disk and its partitions forget what they hold; a device in use refuses, and ends the script. Nothing is triggered
# as long as another disk may know what was on this one.
wipe_disk() {
  local kind partition
  lsblk --noheadings --raw --paths --output TYPE,NAME "$1" | sort -ru | while read -r kind partition; do
    [ "$kind" = part ] || continue
    printf -v partition %b "$partition"
    if command -v zpool >/dev/null && { [ "$(content_of "$partition")" = zfs_member ] || is_spare_or_cache "$partition"; }; then
      zpool labelclear -f "$partition"
    fi
    wipe "$partition"
  done
  wipe "$1"
  # A first partition that is made anew would show what an array or another table has left at its place.
  dd if=/dev/zero of="$1" bs=1M count=4 conv=notrunc status=none
  mark_cleared "$1"
}
wipe() {
  local holder
  for holder in $(holders_of "$1"); do stop_array "$holder"; done
  # A device in use refuses here, before anything of it is changed.
  wipefs --all --quiet "$1"
  forget_copies "$1"
}`,
  in_system: `# Runs a command in the system below a folder, as nixos-enter does, in namespaces of its own, so that neither a process nor
# a mount of it is left: in_system FOLDER TOPLEVEL keep|hide COMMAND... shows it the firmware's variables or not.
in_system() {
  unshare --mount --uts --pid --fork --kill-child --propagation private bash -eu -c '
    folder=$1 toplevel=$2 variables=$3
    shift 3
    for name in dev proc sys run tmp; do mkdir -p "$folder/$name"; done
    mount --rbind /dev "$folder/dev"
    mount --rbind /sys "$folder/sys"
    [ "$variables" = keep ] || [ ! -d /sys/firmware ] || mount -t tmpfs -o ro tmpfs "$folder/sys/firmware"
    mount -t proc proc "$folder/proc"
    mount -t tmpfs -o mode=755 tmpfs "$folder/run"
    mount -t tmpfs -o mode=1777 tmpfs "$folder/tmp"
    if [ -d /run/udev ]; then mkdir "$folder/run/udev" && mount --bind /run/udev "$folder/run/udev"; fi
    exec "$(command -v env)" -i HOME=/root LC_ALL=C TZ=UTC IN_NIXOS_ENTER=1 NIXOS_INSTALL_BOOTLOADER=1 \\
      "PATH=$toplevel/sw/bin:$toplevel/sw/sbin" "LOCALE_ARCHIVE=$toplevel/sw/lib/locale/locale-archive" \\
      "$(command -v chroot)" "$folder" "$@"
  ' in_system "$@"
}`,
  activate_system: `# Has the system below a folder make what its installers expect. Some activate in part only: a failure is told, and no more.
activate_system() {
  for program in "activate" "sw/bin/systemd-tmpfiles --create --remove -E"; do
    [ -e "$1$2/\${program%% *}" ] || continue
    # shellcheck disable=SC2086
    in_system "$1" "$2" hide "$2/"$program || printf '%s failed with exit code %s\\n' "$program" "$?"
  done
}`,
  without_variables: `# Runs a command that does not see the variables of this machine's firmware.
without_variables() {
  unshare --mount --propagation private bash -eu -c '
    [ ! -d /sys/firmware ] || mount -t tmpfs -o ro tmpfs /sys/firmware
    exec "$@"
  ' without_variables "$@"
}`,
  ask_password: `# Asks for a password, once a run: ask_password NAME TIMES leaves it in $password.
ask_password() {
  [ "\${password_of-}" != "$1" ] || return 0
  if [ -t 0 ]; then exec 3>/dev/tty; else exec 3>&2; fi
  while true; do
    printf 'Password for %s: ' "$1" >&3
    IFS= read -r -s password
    echo >&3
    [ "$2" = 2 ] || break
    printf 'Again: ' >&3
    IFS= read -r -s repeated
    echo >&3
    [ "$password" != "$repeated" ] || break
    echo 'These were two different passwords.' >&3
  done
  password_of=$1
}`,
};

/** The programs that these functions call on any machine. */
export const functionTools = {
  ...clearedFunctionTools,
  ...claimFunctionTools,
  ...zfsFunctionTools,
  begin: [],
  wait_for_udev: [],
  wait_for_node: ["sleep"],
  assemble_array: ["mdadm", "readlink", "cat"],
  holders_of: ["readlink", "sort"],
  link_partitions: ["readlink", "ln"],
  content_of: ["blkid"],
  is_swap: ["swapon", "grep", "readlink"],
  stop_array: ["mdadm", "sleep"],
  dissolve_array: ["lsblk", "sort", "flock", "mdadm", "readlink", "blkid", "sleep"],
  wipe_disk: ["lsblk", "sort", "blkid", "wipefs", "dd", "od", "readlink", "sleep"],
  in_system: ["unshare", "bash", "mkdir", "mount", "env", "chroot"],
  activate_system: ["unshare", "bash", "mkdir", "mount", "env", "chroot"],
  without_variables: ["unshare", "bash", "mount"],
  ask_password: [],
} as const satisfies Readonly<Record<string, readonly Tool[]>>;

/** The functions that some shell lines call, with those that these call. */
export function functionsIn(texts: readonly string[]): string[] {
  const wanted = calledIn(texts.join("\n"));
  for (const name of wanted) for (const inner of calledIn(shellFunctions[name] ?? "")) wanted.add(inner);
  return Object.entries(shellFunctions).flatMap(([name, body]) => (wanted.has(name) ? [body] : []));
}

function calledIn(text: string): Set<string> {
  return new Set(Object.keys(shellFunctions).filter((name) => isCalled(name, text)));
}

function isCalled(name: string, text: string): boolean {
  return new RegExp(`(^|[\\s($])${name}([ );]|$)`, "m").test(text);
}
