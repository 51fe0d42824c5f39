import { heldDevice } from "./held-device.ts";

/**
 * Says what a device holds: for each line `data SIZE AT COUNT` of standard input a line that begins with the checksum of these blocks, read
 * from the medium and not from memory; for `zeros SIZE AT COUNT` whether they are zeros. Its last argument
 * is the program of the checksum.
 */
export const readBackScript = `${heldDevice}if dd if="$device" of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null; then
  past=iflag=direct
elif blockdev --flushbufs "$device" 2>/dev/null || { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null; then
  past=skip=0
else
  fail "$1 cannot be read past the cache: dd knows no iflag=direct, and neither blockdev nor drop_caches works"
fi
piece() { dd if="$device" bs="$1" "$past" skip="$2" count="$3" 2>/dev/null; }
if printf 'x' | cmp -s -n 1 - /dev/zero 2>/dev/null || ! printf '\\000' | cmp -s -n 1 - /dev/zero 2>/dev/null; then
  are_zeros() { [ "$(piece "$@" | tr -dc '\\000' | wc -c)" -eq "$(($1 * $3))" ]; }
else
  are_zeros() { piece "$@" | cmp -s -n "$(($1 * $3))" - /dev/zero; }
fi
while read -r kind size at count; do
  if [ "$kind" = zeros ]; then
    if are_zeros "$size" "$at" "$count"; then echo zeros; else echo other; fi
  else
    piece "$size" "$at" "$count" | "$4"
  fi
done
echo end
`;
