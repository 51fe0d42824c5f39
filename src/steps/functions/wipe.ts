import type { ShellFunction, Wiping } from "../../runtime/shell-parts.ts";

/** Returns the function that has a disk forget all that it holds, with what each technology asks for before and after. */
export function wipeFunction(parts: readonly Wiping[]): ShellFunction {
  return {
    text: `# Makes a disk and its partitions forget what they hold; a device in use refuses, and ends the script. Nothing is triggered
# as long as another disk may know what was on this one.
wipe_disk() {
  local kind partition size record records
  # The records of logical partitions are between these, where nothing is erased.
  size=$(blockdev --getss "$1")
  mapfile -t records < <(chained_records "$1" "$size")
  lsblk --noheadings --raw --paths --output TYPE,NAME "$1" | sort -ru | while read -r kind partition; do
    [ "$kind" = part ] || continue
    printf -v partition %b "$partition"
${lines(parts, "partition", "    ")}    wipe "$partition"
    zero_ends "$partition"
  done
  wipe "$1"
  for record in "\${records[@]}"; do
    dd if=/dev/zero of="$1" bs="$size" seek="$record" count=1 conv=notrunc status=none
  done
  # A first partition that is made anew would show what an array or another table has left at its place.
  zero_ends "$1"
  mark_cleared "$1"
}
# Whoever looks at both ends of a device sees that there is nothing on it: 4 MiB, and 1 MiB.
zero_ends() {
  local size head tail
  size=$(blockdev --getsize64 "$1")
  head=$((size < 4194304 ? size : 4194304))
  tail=$((size < 1048576 ? size : 1048576))
  dd if=/dev/zero of="$1" bs=1M count="$head" iflag=count_bytes conv=notrunc status=none
  dd if=/dev/zero of="$1" bs=1M count="$tail" iflag=count_bytes seek=$((size - tail)) oflag=seek_bytes conv=notrunc status=none
}
wipe() {
${lines(parts, "before", "  ")}  # A device in use refuses here, before anything of it is changed.
  wipefs --all --quiet "$1"
  # A table within a partition is forgotten too: the record that an extended partition begins with, for one.
  wipefs --all --force --quiet "$1"
${lines(parts, "after", "  ")}}`,
    tools: ["blockdev", "lsblk", "sort", "wipefs", "dd", ...parts.flatMap(({ tools }) => tools)],
    needs: ["chained_records", "mark_cleared", ...parts.flatMap(({ needs }) => needs ?? [])],
    mayNeed: parts.flatMap(({ mayNeed }) => mayNeed ?? []),
  };
}

function lines(parts: readonly Wiping[], time: "partition" | "before" | "after", indent: string): string {
  const texts = parts.flatMap((part) => part[time]?.split("\n") ?? []);
  return texts.map((line) => `${indent}${line}\n`).join("");
}
