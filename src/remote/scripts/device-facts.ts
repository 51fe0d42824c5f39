import { blockRecords, contentFunctions, recordFunctions, toolRecords } from "./records.ts";

/**
 * Prints what a machine's kernel says of its block devices, and what is on the one that is its argument: `K kind number`. It writes
 * nothing.
 */
export const deviceFactsScript = `${recordFunctions}${contentFunctions}{
  if [ -b "$1" ]; then kind=block; elif [ -e "$1" ]; then kind=other; else kind=nothing; fi
  # shellcheck disable=SC2012 # stat is not everywhere, and no name is read
  number=$(ls -lnL "$1" | { read -r _ _ _ _ major minor _; echo "\${major%,}:$minor"; })
  printf 'K\\t%s\\t%s\\n' "$kind" "$number"
  ${toolRecords(["b2sum", "cksum", "dd", "gzip", "sha256sum", "zstd"])}
  link "$1"
  ${blockRecords}
  if [ "$kind" = block ]; then
    name=$(readlink -f "/sys/dev/block/$number")
    contents "\${name##*/}" "$1"
    groups
  fi
} 2>/dev/null
echo E
`;
