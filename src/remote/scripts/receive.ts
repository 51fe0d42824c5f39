import { heldDevice } from "./held-device.ts";

/**
 * Does what standard input says, a line an order: `write SIZE AT COUNT` takes COUNT blocks of SIZE bytes from behind the
 * line to the block AT of the device; `zero SIZE AT COUNT` needs no data. It says `done` after each, and `end` at the end,
 * when all of it is on the medium; `flush` brings there what has come so far, and says nothing. Its last argument unpacks the input.
 *
 * The shell reads lines byte by byte, and dd no byte more than it needs, so that both can read one pipe.
 */
export const receiveScript = `${heldDevice}# udev leaves a locked disk alone; not every flock can wait.
if command -v flock >/dev/null; then
  attempt=0
  until flock -n 8; do
    attempt=$((attempt + 1))
    [ "$attempt" -le 5 ] || fail "another program holds the lock of $1"
    sleep 1
  done
fi
# Zeros by the kernel, which a disk may know how to write without being sent them.
zero() {
  if command -v blkdiscard >/dev/null &&
    blkdiscard --force --zeroout --offset "$(($1 * $2))" --length "$(($1 * $3))" "$device" 2>/dev/null; then
    return
  fi
  message=$(dd if=/dev/zero of="$device" bs="$1" seek="$2" count="$3" conv=notrunc 2>&1) || fail "$message"
}
# What the disk could not take is told by its fsync.
flush() { message=$(dd if=/dev/null of="$device" conv=notrunc,fsync 2>&1) || fail "$message"; }
finish() {
  flush
  echo end
  exit 0
}
follow() {
  while read -r order size at count; do
    case $order in
      write) message=$(dd of="$device" bs="$size" seek="$at" count="$count" iflag=fullblock conv=notrunc 2>&1) || fail "$message" ;;
      zero) zero "$size" "$at" "$count" ;;
      flush) flush && continue ;;
      end) finish ;;
      *) fail "an order that is none: $order" ;;
    esac
    echo 'done'
  done
  fail "the stream ended too early"
}
if [ "$4" = cat ]; then follow; else $4 | follow; fi
`;
