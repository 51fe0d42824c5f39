import type { ShellFunctions, ShellParts } from "../../../runtime/shell-parts.ts";
import { mapperWithoutUdev } from "../../steps/mapper.ts";

const functions = {
  volume_group_of: {
    text: `# Prints the volume group of a physical volume; nothing when it is in none.
volume_group_of() {
  local said name
  said=$(pvs --noheadings --options vg_name "$1") || return
  read -r name <<<"$said" || true
  printf '%s' "$name"
}`,
    tools: ["pvs"],
  },
} satisfies ShellFunctions;

/** The parts of physical volumes in scripts. */
export const physicalVolumeShell: ShellParts = { functions, withoutUdev: mapperWithoutUdev };
