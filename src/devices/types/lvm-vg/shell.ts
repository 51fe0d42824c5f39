import type { ShellFunctions, ShellParts } from "../../../runtime/shell-parts.ts";

const functions = {
  volume_size: {
    text: `# Prints the size of a logical volume in bytes: volume_size GROUP/VOLUME.
volume_size() {
  local said size
  said=$(lvs --noheadings --nosuffix --units b --options lv_size "$1")
  read -r size <<<"$said"
  printf '%s' "$size"
}`,
    tools: ["lvs"],
  },
  volume_is_below: {
    text: `# volume_is_below GROUP/VOLUME BYTES
volume_is_below() {
  [ "$(volume_size "$1")" -lt "$2" ]
}`,
    tools: [],
    needs: ["volume_size"],
  },
  volume_is_above: {
    text: `# volume_is_above GROUP/VOLUME BYTES
volume_is_above() {
  [ "$(volume_size "$1")" -gt "$2" ]
}`,
    tools: [],
    needs: ["volume_size"],
  },
  has_free_extents: {
    text: `# Succeeds when a volume group has room that no volume takes.
has_free_extents() {
  local said count
  said=$(vgs --noheadings --options vg_free_count "$1")
  read -r count <<<"$said"
  [ "$count" -gt 0 ]
}`,
    tools: ["vgs"],
  },
} satisfies ShellFunctions;

/** The parts of volume groups in scripts. */
export const volumeGroupShell: ShellParts = { functions };
