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
} satisfies ShellFunctions;

/** The parts of containers in scripts. */
export const containerShell: ShellParts = { functions, withoutUdev: mapperWithoutUdev };
