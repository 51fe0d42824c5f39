/**
 * Does what standard input says, a line an order: `write SIZE AT COUNT` takes COUNT blocks of SIZE bytes from behind the
 * line to the block AT of the device; `zero SIZE AT COUNT` needs no data. It says `done` after each, and `end` at the end,
 * when all of it is on the medium. Its arguments are the device, and what unpacks the input.
 *
 * The shell reads lines byte by byte, and dd no byte more than it needs, so that both can read one pipe.
 */
export const receiveScript = `set -eu
export LC_ALL=C
device=$1
fail() { printf '%s\\n' "$1" >&2; exit 1; }
# udev leaves a locked disk alone.
if command -v flock >/dev/null; then
  exec 9<"$device"
  flock -w 5 9 || fail "another program holds the lock of $device"
fi
# Zeros by the kernel, which a disk may know how to write without being sent them.
zero() {
  if command -v blkdiscard >/dev/null &&
    blkdiscard --force --zeroout --offset "$(($1 * $2))" --length "$(($1 * $3))" "$device" 2>/dev/null; then
    return
  fi
  message=$(dd if=/dev/zero of="$device" bs="$1" seek="$2" count="$3" conv=notrunc 2>&1) || fail "$message"
}
follow() {
  while read -r order size at count; do
    case $order in
      write) message=$(dd of="$device" bs="$size" seek="$at" count="$count" iflag=fullblock conv=notrunc 2>&1) || fail "$message" ;;
      zero) zero "$size" "$at" "$count" ;;
      end) sync "$device" 2>/dev/null || sync; echo end; exit 0 ;;
      *) fail "an order that is none: $order" ;;
    esac
    echo 'done'
  done
  fail "the stream ended too early"
}
if [ "$2" = cat ]; then follow; else $2 | follow; fi
`;

/**
 * Says what a device holds: for each line `SIZE AT COUNT` of standard input the sha256 of these blocks, read from the medium
 * and not from memory; for `zeros SIZE AT COUNT` whether they are zeros. Its argument is the device.
 */
export const readBackScript = `set -eu
export LC_ALL=C
device=$1
blockdev --flushbufs "$device" 2>/dev/null || true
{ echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null || true
piece() { dd if="$device" bs="$1" skip="$2" count="$3" 2>/dev/null; }
if printf 'x' | cmp -s -n 1 - /dev/zero 2>/dev/null || ! printf '\\000' | cmp -s -n 1 - /dev/zero 2>/dev/null; then
  are_zeros() { [ "$(piece "$@" | tr -dc '\\000' | wc -c)" -eq "$(($1 * $3))" ]; }
else
  are_zeros() { piece "$@" | cmp -s -n "$(($1 * $3))" - /dev/zero; }
fi
while read -r kind size at count; do
  if [ "$kind" = zeros ]; then
    if are_zeros "$size" "$at" "$count"; then echo zeros; else echo other; fi
  else
    sum=$(piece "$size" "$at" "$count" | sha256sum)
    echo "\${sum%% *}"
  fi
done
echo end
`;

/** Makes a machine's kernel read a device's partitions anew, and says whether it shows any. Its arguments are device and name. */
export const rereadScript = `export LC_ALL=C
{ partx --update "$1" || blockdev --rereadpt "$1"; } >/dev/null 2>&1
{ udevadm settle --timeout 10 || true; } 2>/dev/null
for path in "/sys/class/block/$2/$2"*/partition; do
  if [ -e "$path" ]; then echo yes; exit 0; fi
done
echo no
`;

/** Makes a machine's kernel forget the partitions of a device, whose data are about to go. */
export const forgetScript = `export LC_ALL=C
{ partx --delete "$1" || true; } >/dev/null 2>&1
`;
