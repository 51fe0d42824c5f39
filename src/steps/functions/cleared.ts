import type { ShellFunctions } from "../../runtime/shell-parts.ts";

/** The functions that keep which devices this run has made or wiped: earlier content of these is stale, of any other it is somebody's. */
export const clearedFunctions = {
  mark_cleared: {
    text: `# What a device held before now is over: mark_cleared DEVICE.
mark_cleared() {
  cleared+=("$1")
}`,
    tools: [],
  },
  is_cleared: {
    text: `# Succeeds when what a device held before this run is over.
cleared=()
is_cleared() {
  local one
  for one in "\${cleared[@]}"; do
    if [ "$one" = "$1" ]; then return 0; fi
  done
  return 1
}`,
    tools: [],
  },
} as const satisfies ShellFunctions;
