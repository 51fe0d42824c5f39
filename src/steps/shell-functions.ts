import type { Tool } from "../process/tools.ts";

/** Functions that rendered scripts share, by name; a script carries those that it calls. */
const shellFunctions: Readonly<Record<string, string>> = {
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
  content_of: `# Prints the type of the filesystem or container on a device; nothing when it is empty.
content_of() {
  if kind=$(blkid --probe --match-tag TYPE --output value "$1"); then
    printf '%s\\n' "$kind"
  elif [ "$?" -ne 2 ]; then
    echo "several things at once"
  fi
}`,
  lacks_table: `# Succeeds when a device has no partition table; ends the script when it holds anything but the wanted one.
lacks_table() {
  table=$(blkid --probe --match-tag PTTYPE --output value "$1" || true)
  [ "$table" != "$2" ] || return 1
  found=$table$(content_of "$1")
  [ -n "$found" ] || return 0
  printf '%s holds %s, so it gets no partition table: destroy it first\\n' "$1" "$found" >&2
  exit 1
}`,
  is_swap: `# Succeeds when the kernel swaps to a file.
is_swap() {
  printf '%b\\n' "$(swapon --show=NAME --noheadings --raw)" | grep -qxF -e "$(readlink -f -- "$1")"
}`,
  wipe_disk: `# Makes a disk and its partitions forget what they hold; a device in use refuses, and ends the script.
wipe_disk() {
  partitions=$(lsblk --noheadings --list --paths --output NAME "$1" | tail -n +2 | sort -ru)
  while IFS= read -r partition; do
    [ -z "$partition" ] && continue
    if [ "$(content_of "$partition")" = zfs_member ] && command -v zpool >/dev/null; then
      zpool labelclear -f "$partition"
    fi
    wipefs --all --quiet "$partition"
  done <<END
$partitions
END
  wipefs --all --quiet "$1"
  dd if=/dev/zero of="$1" bs=440 count=1 conv=notrunc status=none
  partprobe "$1"
  wait_for_udev
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
  begin: [],
  wait_for_udev: [],
  content_of: ["blkid"],
  lacks_table: ["blkid"],
  is_swap: ["swapon", "grep", "readlink"],
  wipe_disk: ["lsblk", "tail", "sort", "blkid", "wipefs", "dd", "partprobe"],
  ask_password: [],
} as const satisfies Readonly<Record<string, readonly Tool[]>>;

/** The functions that some shell lines call, with those that these call. */
export function functionsIn(texts: readonly string[]): string[] {
  const text = texts.join("\n");
  const called = Object.keys(shellFunctions).filter((name) => isCalled(name, text));
  const needed = called.flatMap((name) =>
    Object.keys(shellFunctions).filter((inner) => isCalled(inner, shellFunctions[name] ?? "")),
  );
  const wanted = new Set([...called, ...needed]);
  return Object.entries(shellFunctions).flatMap(([name, body]) => (wanted.has(name) ? [body] : []));
}

function isCalled(name: string, text: string): boolean {
  return new RegExp(`(^|[\\s($])${name}( |$)`, "m").test(text);
}
