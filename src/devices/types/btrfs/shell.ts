import type { ShellFunctions, ShellParts } from "../../../runtime/shell-parts.ts";

const functions = {
  is_swap: {
    text: `# Succeeds when the kernel swaps to a file.
is_swap() {
  printf '%b\\n' "$(swapon --show=NAME --noheadings --raw)" | grep -qxF -e "$(readlink -f -- "$1")"
}`,
    tools: ["swapon", "grep", "readlink"],
  },
} satisfies ShellFunctions;

/** The parts of swap files in scripts. */
export const swapFileShell: ShellParts = { functions };
