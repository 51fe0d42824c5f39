import type { ShellFunctions } from "../../runtime/shell-parts.ts";
import { bootMark, mbrEntry, mbrEntryPlaces, mbrLength } from "../../structures/mbr/sector.ts";
import { extendedTypes } from "../../structures/mbr/partition-types.ts";

const [firstEntry = 0] = mbrEntryPlaces;
/** The mark is in the two bytes behind the entries. */
const mark = `${bootMark & 0xff} ${bootMark >> 8}`;
const entries = mbrEntryPlaces.map((place) => place - firstEntry).join(" ");
/** More than any system reads. */
const mostRecords = 256;

/** The byte of a little-endian number that a field of an entry is, in the shell's array. */
function byteOf(index: number): string {
  return `\${sector[entry + ${mbrEntry.first.offset + index}]} << ${8 * index}`;
}

/** The function that finds the records of logical partitions, which no partition shows but the first of them. */
export const recordFunctions = {
  chained_records: {
    text: `# Prints the sectors of the records that a disk's logical partitions are chained by: chained_records DISK SECTOR_SIZE.
chained_records() {
  local at=0 extended=0 next entry count sector
  for ((count = 0; count < ${mostRecords}; count++)); do
    read -ra sector -d '' < <(od -An -v -tu1 -j "$((at * $2 + ${firstEntry}))" -N ${mbrLength - firstEntry} "$1" 2>/dev/null) || true
    if [ "\${sector[*]:${mbrLength - firstEntry - 2}}" != '${mark}' ]; then return 0; fi
    if [ "$at" != 0 ]; then echo "$at"; fi
    next=0
    for entry in ${entries}; do
      case \${sector[entry + ${mbrEntry.type.offset}]} in
        ${extendedTypes.join(" | ")}) next=$((${[0, 1, 2, 3].map(byteOf).join(" | ")})) ;;
      esac
    done
    if [ "$next" = 0 ]; then return 0; fi
    at=$((extended + next))
    if [ "$extended" = 0 ]; then extended=$at; fi
  done
}`,
    tools: ["od"],
  },
} as const satisfies ShellFunctions;
