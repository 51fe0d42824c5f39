import { quoteArguments } from "../../base/quote.ts";
import { signatureArguments } from "../../machine/signatures.ts";
import { groupArguments } from "../../machine/volume-group.ts";

/** Functions that print records. They write nothing, and need POSIX's shell, ls, od, tr and readlink alone. */
export const recordFunctions = `export LC_ALL=C
text() {
  [ -r "$1" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do printf 'T\\t%s\\t%s\\n' "$1" "$line"; done <"$1"
}
hex() { od -An -v -tx1 <"$1" | tr -d ' \\n'; }
bytes() { if [ -r "$1" ]; then printf 'X\\t%s\\t%s\\n' "$1" "$(hex "$1")"; fi; }
folder() { if [ -e "$1" ]; then printf 'D\\t%s\\n' "$1"; fi; }
link() { if [ -L "$1" ]; then printf 'L\\t%s\\t%s\\n' "$1" "$(readlink "$1")"; fi; }
`;

/** Prints a record for each of the programs that is there; `fullblock` stands for a dd that can wait for whole blocks. */
export function toolRecords(names: readonly string[]): string {
  return `for tool in ${names.join(" ")}; do
  command -v "$tool" >/dev/null && printf 'W\\t%s\\n' "$tool"
done
printf 'xy' | dd bs=2 count=1 iflag=fullblock of=/dev/null && printf 'W\\tfullblock\\n'
`;
}

/** Prints what the kernel says of all block devices and of who uses them: for readers of its files. */
export const blockRecords = `for path in / /boot /boot/efi /efi /usr /var /nix/store; do
  [ -e "$path" ] && printf 'R\\t%s\\t%s\\n' "$path" "$(readlink -f "$path")"
done
text /proc/self/mountinfo
text /proc/swaps
for path in /proc/spl/kstat/zfs/* /sys/fs/btrfs/*/devices/*; do folder "$path"; done
for path in /dev/mapper/* /dev/disk/by-id/*; do link "$path"; done
for block in /sys/class/block/*; do
  for file in dev size ro hidden diskseq partition start serial wwid queue/logical_block_size queue/discard_max_bytes \\
    device/model device/name device/serial device/wwid dm/name dm/uuid loop/backing_file; do
    text "$block/$file"
  done
  bytes "$block/device/vpd_pg80"
  for path in "$block"/device "$block"/holders/* "$block"/slaves/* "$block"/md/level "$block"/bcache/state; do
    folder "$path"
  done
  for path in "$block/\${block##*/}"*/partition; do text "$path"; done
  printf 'D\\t/dev/%s\\n' "\${block##*/}"
done
`;

/**
 * A function that prints what is on a device and its partitions, which are given by the kernel's name and a path, and what prints
 * the groups of LVM.
 */
export const contentFunctions = `contents() {
  name=$1
  set -- "$2"
  if [ -b "/dev/$name" ]; then set -- "/dev/$name"; fi
  for path in "/sys/class/block/$name/$name"*/partition; do
    path=\${path%/partition}
    path=/dev/\${path##*/}
    if [ -b "$path" ]; then set -- "$@" "$path"; fi
  done
  if found=$(${quoteArguments(["wipefs", ...signatureArguments([])])} "$@"); then
    printf 'W\\tsignatures\\n'
    printf '%s\\n' "$found" | while IFS= read -r line; do printf 'S\\t%s\\t%s\\n' "$1" "$line"; done
  fi
}
groups() {
  ${quoteArguments(["pvs", ...groupArguments()])} | while IFS= read -r line; do printf 'G\\t%s\\n' "$line"; done
}
`;
