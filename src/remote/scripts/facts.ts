import { quoteArguments } from "../../base/quote.ts";
import { signatureArguments } from "../../machine/signatures.ts";
import { groupArguments } from "../../machine/volume-group.ts";

/**
 * Prints what a machine's kernel says of its block devices, a line a fact, with tabs: `T path text` is a line of a file,
 * `X path hex` the bytes of one, `D path` a folder, `L path target` a link, `R path real` a path of the system, `W tool` a
 * program that is there, `K kind number` the device that is its argument. It writes nothing, and needs POSIX's shell, ls, od
 * and readlink alone.
 */
export const factsScript = `export LC_ALL=C
text() {
  [ -r "$1" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do printf 'T\\t%s\\t%s\\n' "$1" "$line"; done <"$1"
}
folder() { if [ -e "$1" ]; then printf 'D\\t%s\\n' "$1"; fi; }
link() { if [ -L "$1" ]; then printf 'L\\t%s\\t%s\\n' "$1" "$(readlink "$1")"; fi; }
{
  if [ -b "$1" ]; then kind=block; elif [ -e "$1" ]; then kind=other; else kind=nothing; fi
  # shellcheck disable=SC2012 # stat is not everywhere, and no name is read
  number=$(ls -lnL "$1" | { read -r _ _ _ _ major minor _; echo "\${major%,}:$minor"; })
  printf 'K\\t%s\\t%s\\n' "$kind" "$number"
  for path in / /boot /boot/efi /efi /usr /var /nix/store; do
    [ -e "$path" ] && printf 'R\\t%s\\t%s\\n' "$path" "$(readlink -f "$path")"
  done
  for tool in dd gzip sha256sum zstd; do
    command -v "$tool" >/dev/null && printf 'W\\t%s\\n' "$tool"
  done
  printf 'xy' | dd bs=2 count=1 iflag=fullblock of=/dev/null && printf 'W\\tfullblock\\n'
  text /proc/self/mountinfo
  text /proc/swaps
  for path in /proc/spl/kstat/zfs/* /sys/fs/btrfs/*/devices/*; do folder "$path"; done
  for path in /dev/mapper/* /dev/disk/by-id/*; do link "$path"; done
  link "$1"
  for block in /sys/class/block/*; do
    for file in dev size ro diskseq partition start serial wwid queue/logical_block_size queue/discard_max_bytes \\
      device/model device/name device/serial device/wwid dm/name dm/uuid loop/backing_file; do
      text "$block/$file"
    done
    if [ -r "$block/device/vpd_pg80" ]; then
      printf 'X\\t%s\\t%s\\n' "$block/device/vpd_pg80" "$(od -An -v -tx1 <"$block/device/vpd_pg80" | tr -d ' \\n')"
    fi
    for path in "$block"/holders/* "$block"/slaves/* "$block"/md/level "$block"/bcache/state; do folder "$path"; done
    for path in "$block/\${block##*/}"*/partition; do text "$path"; done
    printf 'D\\t/dev/%s\\n' "\${block##*/}"
  done
  if [ "$kind" = block ]; then
    name=$(readlink -f "/sys/dev/block/$number")
    name=\${name##*/}
    if [ -b "/dev/$name" ]; then set -- "/dev/$name"; fi
    for path in "/sys/class/block/$name/$name"*/partition; do
      path=\${path%/partition}
      path=/dev/\${path##*/}
      if [ -b "$path" ]; then set -- "$@" "$path"; fi
    done
    if found=$(${quoteArguments(["wipefs", ...signatureArguments([])])} "$@"); then
      printf 'W\\tsignatures\\n'
      printf '%s\\n' "$found" | while IFS= read -r line; do printf 'S\\t%s\\n' "$line"; done
    fi
    ${quoteArguments(["pvs", ...groupArguments()])} | while IFS= read -r line; do printf 'G\\t%s\\n' "$line"; done
  fi
} 2>/dev/null
echo E
`;
