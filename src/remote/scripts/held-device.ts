import type { Device } from "../../machine/device.ts";

/**
 * Opens the device that was checked as descriptor 8, and gives `$device`, by which any program reaches it. Its arguments are
 * path, number and sequence number. As long as the descriptor is open, the kernel gives the number to no other device; a path
 * can lead to another one at any time.
 */
export const heldDevice = `set -eu
export LC_ALL=C
fail() { printf '%s\\n' "$1" >&2; exit 1; }
# shellcheck disable=SC2012 # stat is not everywhere, and no name is read
number() { ls -lnL /proc/self/fd/8 | { read -r _ _ _ _ major minor _; echo "\${major%,}:$minor"; }; }
[ -b "$1" ] || fail "$1 is gone"
exec 8<>"$1"
[ "$(number)" = "$2" ] || fail "$1 is another device than the one that was checked"
if [ -n "$3" ]; then
  read -r sequence <"/sys/dev/block/$2/diskseq"
  [ "$sequence" = "$3" ] || fail "$1 is another disk than the one that was checked"
fi
device=/proc/self/fd/8
`;

/** The arguments of scripts that begin with `heldDevice`. */
export function heldDeviceArguments({ path, number, sequence }: Device): string[] {
  return [path, number, sequence ?? ""];
}
