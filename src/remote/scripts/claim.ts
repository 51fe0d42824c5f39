import { heldDevice } from "./held-device.ts";

/**
 * Erases the signatures of a device by a program that opens it for itself alone: the only way to learn of users that the
 * kernel's files do not show, such as mounts of containers. Says `claimed`, or `busy` and why. The fourth argument is `disk`
 * where the kernel is to forget partitions.
 */
export const claimScript = `${heldDevice}if message=$(wipefs --all "$device" 2>&1); then
  if [ "$4" = disk ]; then partx --delete "$1" >/dev/null 2>&1 || true; fi
  echo claimed
else
  echo busy
  printf '%s\\n' "$message"
fi
`;
