import type { ShellFunctions, ShellParts } from "../../runtime/shell-parts.ts";

const functions = {
  // The program tells the state first, and then all that the log holds. xfs_repair leaves the log out, and calls one unsound that has grown since its superblock was written.
  check_xfs: {
    text: `# Looks at an XFS that is not mounted, and writes nothing but what the log of one that lost its power holds.
check_xfs() {
  local line log=
  while IFS= read -r line; do
    case $line in *'state: <'*'>'*) log=$line && break ;; esac
  done < <(xfs_logprint -t "$1" 2>/dev/null)
  case $log in
    *'<DIRTY>'*)
      replay_journal xfs "$1"
      ;;
  esac
  xfs_repair -n "$1"
}`,
    tools: ["xfs_logprint", "xfs_repair"],
    needs: ["replay_journal"],
  },
} satisfies ShellFunctions;

/** The parts of XFS in scripts. */
export const xfsShell: ShellParts = { functions };
