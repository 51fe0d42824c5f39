import type { ShellFunctions } from "../../runtime/shell-parts.ts";

/** Where copies of what a disk has of its table are changed, before that goes onto the disk. */
const copies = "/run/mkimage";

/** The functions that change a partition table in place. Source: sfdisk(8), "Script headers" and "Named-fields format". */
export const changeTableFunctions = {
  change_table: {
    text: `# Changes a partition table in one write, with the old one kept in a file: change_table DEVICE NUMBER:CHANGE... What is not
# changed stays as it is, and so does what stands beside a GPT in the first sector: the signature of the disk and the flag by which some
# firmware boots from it, which sfdisk makes anew; a table whose partitions are elsewhere than NUMBER:start=FIRST+LENGTH says is left alone.
change_table() {
  local device=$1 old new saved
  shift
  old=$(sfdisk --dump "$device")
  new=$(edited_table "$device" "$@" <<<"$old")
  refuse_table "$device" "$new"
  saved=$(kept_file "$device")
  printf '%s\\n' "$old" >"$saved"
  sync "$saved"
  printf '==! the partition table of %s is kept in %s; this puts it back: sfdisk --no-reread --force %s <%s\\n' \\
    "$device" "$saved" "$device" "$saved" >&2
  if [[ $old == 'label: gpt'* ]]; then
    write_gpt "$device" "$new"
  else
    write_by_sfdisk "$device" "$new"
  fi
}
write_by_sfdisk() {
  sfdisk --quiet --force --no-reread --no-tell-kernel --wipe never --wipe-partitions never "$1" <<<"$2"
}
kept_file() {
  local folder=/var/tmp count=1 name
  name=$folder/mkimage-table-\${1##*/}
  [ -d "$folder" ] || mkdir -p "$folder"
  # Everybody may write there: neither a file of somebody else's is taken, nor a link followed.
  until (set -o noclobber && : >"$name-$count") 2>/dev/null; do
    if [ ! -e "$name-$count" ] && [ ! -L "$name-$count" ]; then
      refuse "the partition table of $1 cannot be kept in $name-$count" "nothing was changed"
    fi
    count=$((count + 1))
  done
  printf '%s' "$name-$count"
}`,
    tools: ["mkdir", "sfdisk", "sync"],
    needs: ["edited_table", "refuse", "refuse_table", "write_gpt"],
  },
  // Source: UEFI 2.10, 5.3 (GUID Partition Table): header and entries behind the first sector, entries and header at the end.
  write_gpt: {
    text: `# Writes a GPT by way of a copy of what there is of it: write_gpt DEVICE TABLE. sfdisk makes the first sector anew, without the flag
# and the signature that some firmware asks for; on the disk that would show until they are put back. Its first sector comes last, and only
# where it changes; the copy at the end comes first, as sfdisk writes them.
write_gpt() {
  local device=$1 table=$2 sector size entries last beside copy=${copies}/table-\${1##*/}
  sector=$(blockdev --getss "$device" 2>/dev/null) || sector=512
  size=$(blockdev --getsize64 "$device" 2>/dev/null) || size=$(stat --format %s "$device")
  entries=128
  if [[ $table =~ $'\\n'table-length:\\ *([0-9]+) ]]; then entries=\${BASH_REMATCH[1]}; fi
  entries=$(((entries * 128 + sector - 1) / sector))
  last=$((size / sector - entries - 1))
  mkdir -p ${copies}
  rm -f "$copy"
  dd if=/dev/null of="$copy" bs=1 count=0 seek="$size" status=none
  copy_sectors "$device" "$copy" "$sector" 0 "$((entries + 2))"
  copy_sectors "$device" "$copy" "$sector" "$last" "$((entries + 1))"
  beside=$(beside_gpt "$copy")
  with_sectors "$sector" "$copy" write_by_sfdisk "$table"
  # shellcheck disable=SC2059 # These are the bytes.
  printf "\${beside// /\\\\}" | dd of="$copy" bs=1 seek=440 conv=notrunc status=none
  copy_sectors "$copy" "$device" "$sector" "$last" "$((entries + 1))"
  copy_sectors "$copy" "$device" "$sector" 1 "$((entries + 1))"
  if ! cmp -s -n "$sector" "$copy" "$device"; then copy_sectors "$copy" "$device" "$sector" 0 1; fi
  rm "$copy"
}
# In one write: copy_sectors FROM TO SIZE FIRST COUNT.
copy_sectors() {
  dd if="$1" of="$2" bs="$(($3 * $5))" count=1 iflag=fullblock,skip_bytes oflag=seek_bytes skip="$(($3 * $4))" seek="$(($3 * $4))" conv=notrunc,fsync status=none
}
# From the signature of the disk to the status of the first entry: 7 bytes at 440, in octal.
beside_gpt() {
  od -A n -t o1 -j 440 -N 7 "$1"
}
# Does something with a file as a disk that has sectors of this size: with_sectors SIZE FILE COMMAND WORD.
with_sectors() {
  local loop
  if [ "$1" = 512 ]; then
    "$3" "$2" "$4"
  else
    loop=$(losetup --find --show --sector-size "$1" "$2")
    "$3" "$loop" "$4" || {
      losetup --detach "$loop"
      exit 1
    }
    losetup --detach "$loop"
  fi
}`,
    tools: ["blockdev", "cmp", "dd", "losetup", "mkdir", "od", "stat"],
  },
  check_table: {
    text: `# Looks whether a partition table can be changed so, and changes nothing: check_table DEVICE NUMBER:CHANGE...
check_table() {
  local device=$1 old new
  shift
  old=$(sfdisk --dump "$device")
  new=$(edited_table "$device" "$@" <<<"$old")
  refuse_table "$device" "$new"
}`,
    tools: ["sfdisk"],
    needs: ["edited_table", "refuse_table"],
  },
  refuse_table: {
    text: `# Ends the script for a partition table that sfdisk does not take: refuse_table DEVICE DUMP.
refuse_table() {
  local said
  if ! said=$(sfdisk --quiet --no-act --no-reread --wipe never --wipe-partitions never "$1" <<<"$2" 2>&1); then
    refuse "sfdisk does not take the new partition table of $1: $said" "nothing was changed"
  fi
}`,
    tools: ["sfdisk"],
    needs: ["refuse"],
  },
  clear_place: {
    text: `# Wipes the place of a partition before a table names it, so that nobody ever sees there what was at its place before. Only the
# kernel knows the partition by then: clear_place DEVICE NUMBER PARTITION FIRST LENGTH, in sectors of 512 bytes.
clear_place() {
  delpart "$1" "$2" 2>/dev/null || true
  addpart "$1" "$2" "$4" "$5"
  wait_for_udev
  wait_for_node "$3"
  wipe_disk "$3"
}`,
    tools: ["addpart", "delpart"],
    needs: ["wait_for_node", "wait_for_udev", "wipe_disk"],
  },
  edited_table: {
    text: `# Prints a table with changes, from its dump: edited_table DEVICE NUMBER:CHANGE...
edited_table() {
  local device=$1 line number seen=' ' change
  shift
  while IFS= read -r line; do
    if [[ $line =~ ^[^\\"]*[^0-9]([0-9]+)\\ :\\ start= ]]; then
      number=\${BASH_REMATCH[1]}
      if ! is_among "$number:start=*" "$@"; then
        refuse "$device has a partition $number that was not there" "look at it again: nothing was changed"
      fi
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
        # The number of one that goes is free.
        if [[ $seen == *" $number "* ]] && ! is_among "$number:delete" "$@"; then refuse "$device has a partition $number already" "look at it again: nothing was changed"; fi
        printf '%s : %s\\n' "$number" "\${change#*:add=}"
        ;;
      *)
        if [[ $seen != *" $number "* ]]; then refuse "$device has no partition $number any more" "look at it again: nothing was changed"; fi
        ;;
    esac
  done
}
is_among() {
  local pattern=$1 one
  shift
  for one in "$@"; do
    # shellcheck disable=SC2053 # It is a pattern.
    if [[ $one == $pattern ]]; then return 0; fi
  done
  return 1
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
