import type { ShellFunctions } from "../../runtime/shell-parts.ts";

/** The functions that change a partition table in place. Source: sfdisk(8), "Script headers" and "Named-fields format". */
export const changeTableFunctions = {
  change_table: {
    text: `# Changes a partition table in one write, with the old one kept in a file: change_table DEVICE NUMBER:CHANGE... What is not
# changed stays as it is; a table whose partitions are elsewhere than NUMBER:start=FIRST+LENGTH says is left alone.
change_table() {
  local device=$1 old new saved
  shift
  old=$(sfdisk --dump "$device")
  new=$(edited_table "$device" "$@" <<<"$old")
  saved=$(kept_file "$device")
  printf '%s\\n' "$old" >"$saved"
  sync "$saved"
  printf '==! the partition table of %s is kept in %s; this puts it back: sfdisk --no-reread --force %s <%s\\n' \\
    "$device" "$saved" "$device" "$saved" >&2
  printf '%s\\n' "$new" |
    sfdisk --quiet --force --no-reread --no-tell-kernel --wipe never --wipe-partitions never "$device"
}
kept_file() {
  local folder=/var/tmp count=1 name
  name=$folder/mkimage-table-\${1##*/}
  [ -d "$folder" ] || mkdir -p "$folder"
  while [ -e "$name-$count" ]; do count=$((count + 1)); done
  printf '%s' "$name-$count"
}`,
    tools: ["mkdir", "sfdisk", "sync"],
    needs: ["edited_table"],
  },
  edited_table: {
    text: `# Prints a table with changes, from its dump: edited_table DEVICE NUMBER:CHANGE...
edited_table() {
  local device=$1 line number seen=' ' change
  shift
  while IFS= read -r line; do
    if [[ $line =~ ^[^\\"]*[^0-9]([0-9]+)\\ :\\ start= ]]; then
      number=\${BASH_REMATCH[1]}
      seen="$seen$number "
      line=$(edited_entry "$device" "$number" "$line" "$@") || exit 1
    fi
    # The end of the disk may have moved.
    case $line in '' | last-lba:*) ;; *) printf '%s\\n' "$line" ;; esac
  done
  for change in "$@"; do
    number=\${change%%:*}
    case \${change#*:} in
      add=*)
        if [[ $seen == *" $number "* ]]; then refuse "$device has a partition $number already" "look at it again: nothing was changed"; fi
        printf '%s : %s\\n' "$number" "\${change#*:add=}"
        ;;
      *)
        if [[ $seen != *" $number "* ]]; then refuse "$device has no partition $number any more" "look at it again: nothing was changed"; fi
        ;;
    esac
  done
}
edited_entry() {
  local device=$1 number=$2 line=$3 change
  shift 3
  for change in "$@"; do
    if [ "\${change%%:*}" != "$number" ]; then continue; fi
    change=\${change#*:}
    case $change in
      start=*)
        change=\${change#start=}
        if [[ ! $line =~ start=\\ *\${change%+*},\\ *size=\\ *\${change#*+}(,|$) ]]; then
          refuse "partition $number of $device is not at sector \${change%+*} with \${change#*+} sectors any more" "look at it again: nothing was changed"
        fi
        ;;
      size=*) if [[ $line =~ ^([^\\"]*size=)\\ *[0-9]+(.*)$ ]]; then line=\${BASH_REMATCH[1]}\${change#size=}\${BASH_REMATCH[2]}; fi ;;
      type=*) if [[ $line =~ ^([^\\"]*type=)[^,]*(.*)$ ]]; then line=\${BASH_REMATCH[1]}\${change#type=}\${BASH_REMATCH[2]}; fi ;;
      name=* | attrs=*)
        if [[ $line =~ ^(.*),\\ *\${change%%=*}=\\"[^\\"]*\\"(.*)$ ]]; then line=\${BASH_REMATCH[1]}\${BASH_REMATCH[2]}; fi
        line="$line, $change"
        ;;
      active) line="$line, bootable" ;;
      delete) line='' ;;
    esac
  done
  printf '%s' "$line"
}`,
    tools: [],
    needs: ["refuse"],
  },
} as const satisfies ShellFunctions;
