import { blockRecords, contentFunctions, recordFunctions, toolRecords } from "../../remote/scripts/records.ts";

/** The programs whose being there is told. */
const askedTools = ["blkdiscard", "blockdev", "dd", "gzip", "kexec", "nohup", "setsid", "sha256sum", "wipefs", "zstd"];

/** By whom a firmware's variables are named. Source: UEFI specification, EFI_GLOBAL_VARIABLE. */
const globalVariables = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

/**
 * Prints what a machine is, on which hardware, and how it is reached: `U key value` for what it says in a word, `C name line`
 * for a line of a program, `P class name folder` for the place of a disk, a network card or a running watchdog in sysfs, `M folder modalias driver
 * module` for a device of a bus. It writes nothing, and has no secrets.
 */
export const targetFactsScript = `${recordFunctions}${contentFunctions}say() { printf 'U\\t%s\\t%s\\n' "$1" "$2"; }
# The first lines of standard input: nobody needs all routes of a router.
lines() {
  count=0
  while [ "$count" -lt 2000 ] && IFS= read -r line; do
    printf 'C\\t%s\\t%s\\n' "$1" "$line"
    count=$((count + 1))
  done
}
said() {
  [ -r "$2" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do say "$1" "$line"; done <"$2"
}
# The folder that a path leads to: no program has to start for it.
place() { if cd -P "$3"; then printf 'P\\t%s\\t%s\\t%s\\n' "$1" "$2" "$PWD"; fi; }
system() {
  say kernel "$(uname -s)"
  say machine "$(uname -m)"
  say release "$(uname -r)"
  say hostname "$(uname -n)"
  for file in /usr/lib/os-release /etc/os-release /etc/mkimage-rescue /proc/meminfo /proc/self/status \\
    /proc/sys/kernel/kexec_load_disabled /proc/sys/kernel/random/boot_id /sys/kernel/security/lockdown; do
    text "$file"
  done
  for path in /sys/firmware/efi /sys/kernel/kexec_loaded; do folder "$path"; done
  bytes /sys/firmware/efi/efivars/SecureBoot-${globalVariables}
  if [ -L /run/current-system ]; then say current-system "$(readlink -f /run/current-system)"; fi
  # The first processor's paragraph.
  while IFS= read -r line && [ -n "$line" ]; do printf 'C\\tprocessor\\t%s\\n' "$line"; done </proc/cpuinfo
}
container() {
  tr '\\000' '\\n' </proc/1/environ | while IFS= read -r line; do
    case $line in container=*) say container "\${line#container=}" ;; esac
  done
  said container /run/systemd/container
  if [ -e /.dockerenv ]; then say container docker; fi
  if [ -e /run/.containerenv ]; then say container podman; fi
  if [ -e /proc/vz ] && [ ! -e /proc/bc ]; then say container openvz; fi
  case $(uname -r) in *icrosoft*) say container wsl ;; esac
}
# What makes root of a user keeps the variable to itself: one of the processes that led here has it.
ssh_port() {
  process=$$
  while [ "\${process:-1}" -gt 1 ]; do
    connection=$(tr '\\000' '\\n' <"/proc/$process/environ" | while IFS= read -r line; do
      case $line in SSH_CONNECTION=*) printf '%s' "$line" ;; esac
    done)
    if [ -n "$connection" ]; then
      say ssh-port "\${connection##* }"
      return
    fi
    process=$(while read -r name value; do
      case $name in PPid:) printf '%s' "$value" ;; esac
    done <"/proc/$process/status")
  done
}
account() {
  getent passwd "$1" || while IFS= read -r line; do
    case $line in "$1":*) printf '%s\\n' "$line" ;; esac
  done </etc/passwd
}
authorized_keys() {
  home=$(account "$1" | { IFS=: read -r _ _ _ _ _ home _ && printf '%s' "$home"; })
  home=\${home:-/root}
  for file in "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2" \\
    "/etc/ssh/authorized_keys.d/$1" /etc/dropbear/authorized_keys; do
    said authorized-key "$file"
  done
}
network() {
  for net in /sys/class/net/*; do
    for file in address mtu flags bonding_slave/perm_hwaddr; do text "$net/$file"; done
    for file in "$net"/bonding/*; do text "$file"; done
    for path in "$net/bridge" "$net"/brif/*; do folder "$path"; done
    if [ -e "$net/device" ]; then place net "\${net##*/}" "$net/device"; fi
  done
  ip -o addr show </dev/null | lines addresses
  ip -o link show </dev/null | lines links
  ip -4 route show </dev/null | lines routes4
  ip -6 route show </dev/null | lines routes6
  lines ipv6-table </proc/net/ipv6_route
  text /proc/net/vlan/config
  for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf /run/NetworkManager/no-stub-resolv.conf \\
    /run/NetworkManager/resolv.conf /run/resolvconf/interfaces/*; do
    text "$file"
  done
}
disks() {
  for path in /dev/disk/*/*; do link "$path"; done
  for block in /sys/class/block/*; do
    if [ ! -e "$block/device" ] || [ -e "$block/partition" ]; then continue; fi
    contents "\${block##*/}" "/dev/\${block##*/}"
    place block "\${block##*/}" "$block"
    # A disk with several ways to it is below none of its controllers.
    case $PWD in
      */nvme-subsystem/*)
        for path in "$PWD"/../nvme*; do
          if [ -L "$path" ]; then place block "\${block##*/}" "$path"; fi
        done
        ;;
    esac
  done
  groups
}
# One that nobody feeds restarts the machine, whatever runs there by then.
watchdogs() {
  for dog in /sys/class/watchdog/watchdog*; do
    state=
    read -r state <"$dog/state"
    if [ "$state" = active ] && [ -e "$dog/device" ]; then place watchdog "\${dog##*/}" "$dog/device"; fi
  done
}
hardware() {
  for file in /sys/bus/*/devices/*/modalias; do
    alias=
    read -r alias <"$file"
    if [ -z "$alias" ] || ! cd -P "\${file%/*}"; then continue; fi
    path=$PWD driver='' module=''
    if cd -P "$path/driver"; then
      driver=\${PWD##*/}
      if cd -P "$path/driver/module"; then module=\${PWD##*/}; fi
    fi
    printf 'M\\t%s\\t%s\\t%s\\t%s\\n' "$path" "$alias" "$driver" "$module"
  done
}
{
  system
  ssh_port
  container
  ${toolRecords(askedTools)}
  for user in "\${SUDO_USER:-\${DOAS_USER:-root}}" root; do authorized_keys "$user"; done
  network
  ${blockRecords}
  disks
  watchdogs
  hardware
} 2>/dev/null
echo E
`;
