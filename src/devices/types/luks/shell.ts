import type { ShellFunctions, ShellParts } from "../../../runtime/shell-parts.ts";
import { mapperWithoutUdev } from "../../steps/mapper.ts";

const functions = {
  is_opened_elsewhere: {
    text: `# Succeeds when the container of this name is open, and lies on another device: is_opened_elsewhere NAME DEVICE.
is_opened_elsewhere() {
  local said key value device=''
  said=$(cryptsetup status "$1") || return
  while read -r key value; do
    if [ "$key" = device: ]; then device=$value; fi
  done <<<"$said"
  [ "$(readlink -f -- "$device")" != "$(readlink -f -- "$2")" ]
}`,
    tools: ["cryptsetup", "readlink"],
  },
  require_token: {
    text: `# Ends the script unless there is one FIDO2 token, which people are asked for: require_token NAME.
require_token() {
  local line count said
  while true; do
    count=0
    while read -r line; do
      case "$line" in /dev/*) count=$((count + 1)) ;; esac
    done < <(systemd-cryptenroll --fido2-device=list 2>/dev/null)
    if [ "$count" = 1 ]; then return 0; fi
    said="$1 is to be opened by one FIDO2 token, and $count are plugged in"
    if ! has_terminal; then
      refuse "$said" "plug in the one that is to open it, and run this again: nothing was changed"
    fi
    printf '%s. Plug in the one that is to open it, and press Enter: ' "$said" >/dev/tty
    read -r line </dev/tty
  done
}`,
    tools: ["systemd-cryptenroll"],
    needs: ["has_terminal", "refuse"],
  },
  require_terminal: {
    text: `# Ends the script where nobody could read a recovery key or type a PIN: require_terminal NAME.
require_terminal() {
  if has_terminal; then return 0; fi
  refuse "the keys of $1 are enrolled at a terminal, where a recovery key is shown and a PIN is typed, and there is none" \\
    "run this at a terminal, or have nothing enrolled: enrollRecovery = false, and --fido2-with-client-pin=no in extraFido2EnrollArgs"
}`,
    tools: [],
    needs: ["has_terminal", "refuse"],
  },
  enrol: {
    text: `# Enrols a further key in a container that has just been made: enrol NAME DEVICE KEYFILE OPTION... The key is the standard
# input where KEYFILE is -. A container that could not get its keys is no container: the next run makes it anew.
enrol() {
  local - name=$1 device=$2 file=$3 key=''
  set +x
  shift 3
  if [ "$file" = - ]; then key=$(cat); else set -- "--unlock-key-file=$file" "$@"; fi
  if (export PASSWORD="$key"; at_terminal systemd-cryptenroll "$@" "$device"); then
    if [ "\${*: -1}" = --recovery-key ]; then
      printf 'Keep the recovery key of %s, and press Enter: ' "$name" >/dev/tty
      read -r key </dev/tty
    fi
    return 0
  fi
  cryptsetup close "$name" 2>/dev/null || true
  wipefs --all --quiet "$device"
  refuse "$name could not get its keys: systemd-cryptenroll $* $device failed" \\
    "$device is empty again, and the same command goes on from here"
}`,
    tools: ["cat", "cryptsetup", "systemd-cryptenroll", "wipefs"],
    needs: ["at_terminal", "refuse"],
  },
} satisfies ShellFunctions;

/** The parts of containers in scripts. */
export const containerShell: ShellParts = { functions, withoutUdev: mapperWithoutUdev };
