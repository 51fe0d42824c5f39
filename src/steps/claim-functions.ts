/** The last line of standard error of a script that found something in the way. */
export const refusalMark = "==> no command of this step has run";

/**
 * The shell functions with which rendered scripts check claims, by name: a claim is a line that says what it is for, its
 * settings, and a line for each device.
 */
export const claimFunctions = {
  claim: `# Begins a claim: claim THING WANTED TYPES. Settings that differ from these follow, and then its devices.
faults=()
# shellcheck disable=SC2034
claim() {
  thing=$1 wanted=$2 types=$3
  owner=() whose='' auxiliary=() taken=() always='' in_use='' hint=''
  own=() blank=() others=() absent=() spares=()
}`,
  claim_auxiliary: `# As claim_device for one that a group can do without: what is on it may say what it is for, and not for whom.
claim_auxiliary() {
  if [ -e "$1" ] && "\${auxiliary[@]}" "$1"; then
    spares+=("$1 holds a spare or a cache of another group; $2 wants it to be $wanted")
  else
    claim_device "$@"
  fi
}`,
  claim_device: `# Looks at a device of a claim: claim_device DEVICE PATH. It is its own, it holds nothing, or it is in the way.
claim_device() {
  local member
  if [ ! -e "$1" ]; then
    absent+=("$1")
    return
  fi
  look_at "$1"
  if [ -n "$found" ]; then
    case "|$types|" in
      *"|$found|"*) ;;
      *)
        in_the_way "$@" "holds $described"
        return
        ;;
    esac
    if [ "\${#owner[@]}" = 0 ]; then
      own+=("$1")
      return
    fi
    member=$("\${owner[@]}" "$1" 2>/dev/null) || member='what cannot be told'
    if [ -n "$member" ]; then
      : "\${whose:=$member}"
      if [ "$member" = "$whose" ]; then own+=("$1"); else in_the_way "$@" "holds $described, which belongs to $member"; fi
      return
    fi
  fi
  if [ "$in_use" != fine ] && is_in_use "$1"; then
    in_the_way "$@" "is in use"
  else
    blank+=("$1")
  fi
}`,
  look_at: `# Looks at a device: leaves the type of what is on it in $found, nothing where it is empty, and all about it in $described.
look_at() {
  local said key value name='' table='' status=0
  found=''
  said=$(blkid --probe --output export "$1" 2>/dev/null) || status=$?
  while IFS='=' read -r key value; do
    case $key in
      TYPE) found=$value ;;
      PTTYPE) table="$value table" ;;
      LABEL | UUID) name="$name, $key $value" ;;
    esac
  done <<<"$said"
  case $status in
    0 | 2)
      if [ -z "$found$table" ] && ! dd if="$1" of=/dev/null bs=64k count=16 status=none 2>/dev/null; then
        found='something that cannot be read'
      elif [ -z "$found$table" ] && tail -c 4096 "$1" | grep -qa 'EFI PART'; then
        found='the backup of a gpt table whose primary is lost'
      elif [ -z "$found$table" ] && ! is_cleared "$1" && value=$(lost_ext "$1"); then
        found='an ext filesystem whose first superblock is lost'
        name=", UUID $value"
      fi
      ;;
    *)
      found='several things at once'
      for key in $(wipefs --no-act --noheadings --output TYPE "$1"); do name="$name, $key"; done
      ;;
  esac
  described=$found\${found:+\${table:+ and a }}$table\${name:+ (\${name#, })}
  described=\${described//[[:cntrl:]]/?}
  found=\${found:-$table}
}`,
  in_the_way: `# in_the_way DEVICE PATH WHAT: keeps a fault for the end of the look.
in_the_way() {
  others+=("$1")
  faults+=("$1 $3; $2 wants it to be $wanted")
}`,
  is_in_use: `# Succeeds when something that is open lies on a device or on one of its partitions.
is_in_use() {
  local kind place first=1
  while read -r kind place; do
    if [ -n "$place" ] || { [ "$first" = 0 ] && [ "$kind" != part ]; }; then return 0; fi
    first=0
  done < <(lsblk --noheadings --raw --output TYPE,MOUNTPOINT "$1" 2>/dev/null)
  return 1
}`,
  say_lacking: `# say_lacking DEVICE...: when others have what the claim is for, says that it is incomplete without these.
notes=''
say_lacking() {
  local note
  if [ "$#" = 0 ] || [ "\${#own[@]}" = 0 ]; then return 0; fi
  note="$thing is incomplete: it lacks $*"
  if [ -n "$hint" ]; then
    faults+=("$note; $hint")
  elif [[ $notes != *"<$note>"* ]]; then
    notes="$notes<$note>"
    printf '==! %s; it is used as it is\\n' "$note" >&2
  fi
}`,
  is_taken: `# Keeps a fault when something else has the name of a claim, or the spares of a group that is to be made.
is_taken() {
  if [ "\${#own[@]}" = 0 ]; then faults+=("\${spares[@]}"); fi
  if [ "\${#taken[@]}" = 0 ]; then return; fi
  if [ -z "$always" ] && [ "\${#own[@]}" != 0 ]; then return; fi
  if "\${taken[@]}" >/dev/null 2>&1; then
    faults+=("$thing: something else on this machine has this name; give the tree's another one, or take that apart")
  fi
}`,
  end_if_in_the_way: `# Ends the script with all that is in the way.
end_if_in_the_way() {
  if [ "\${#faults[@]}" = 0 ]; then return; fi
  refuse "\${faults[@]}" "what is there stays: take such a device out of the tree; or once nothing on it is needed, erase it with wipefs --all, or its whole disk with mkimage disko --mode destroy"
}`,
  refuse: `# Ends the script for what it has found, before it does anything about that: refuse LINE... Who runs it tells that from a
# command that failed by the last line.
refuse() {
  printf '%s\\n' "$@" "${refusalMark}" >&2
  exit 1
}`,
  look_at_claim: `# Ends a claim before anything is changed: devices that are not there yet may come.
look_at_claim() {
  say_lacking "\${blank[@]}"
  is_taken
}`,
  is_unmade: `# Succeeds when nothing of a claim is there; what is in the way ends the script.
is_unmade() {
  say_lacking "\${blank[@]}" "\${absent[@]}"
  is_unmade_so_far
}`,
  is_unmade_so_far: `# As is_unmade, while devices of the claim are yet to come.
is_unmade_so_far() {
  is_taken
  end_if_in_the_way
  [ "\${#own[@]}" = 0 ]
}`,
  is_made: `# Succeeds when a claim is there, on one of its devices at least; what else there is does not matter.
is_made() {
  faults=()
  say_lacking "\${blank[@]}" "\${others[@]}" "\${absent[@]}"
  end_if_in_the_way
  is_known
}`,
  is_known: `# As is_made, and says nothing.
is_known() {
  faults=()
  [ "\${#own[@]}" != 0 ]
}`,
  with_own: `# Runs a command on the devices that are a claim's own.
with_own() {
  "$@" "\${own[@]}"
}`,
  mount_own: `# Mounts any of a claim's own devices: mount_own OPTION... FOLDER.
mount_own() {
  mount "\${@:1:$#-1}" "\${own[0]}" "\${@: -1}"
}`,
  volume_group_of: `# Prints the volume group of a physical volume; nothing when it is in none.
volume_group_of() {
  local said name
  said=$(pvs --noheadings --options vg_name "$1") || return
  read -r name <<<"$said" || true
  printf '%s' "$name"
}`,
  array_of: `# Prints the name of a member's array, without that of the machine that it was made on.
array_of() {
  local said key value name='an array without a name'
  said=$(mdadm --examine --export "$1") || return
  while IFS='=' read -r key value; do
    if [ "$key" = MD_NAME ]; then name=\${value#*:}; fi
  done <<<"$said"
  printf '%s' "$name"
}`,
  table_of: `# Prints whose a partition table is, by the names of those of its partitions that have one: table_of NUMBER NAME... DEVICE.
table_of() {
  local device=\${!#} there
  while [ "$#" -gt 1 ]; do
    there=$(sfdisk --part-label "$device" "$1" 2>/dev/null) || there=''
    if [ -n "$there" ] && [ "$there" != "$2" ]; then
      printf 'another tree: its partition %s is "%s", where this tree has "%s"' "$1" "\${there//[[:cntrl:]]/?}" "$2"
      return
    fi
    shift 2
  done
  printf 'the tree'
}`,
  require_names: `# Ends the script when partitions with these numbers have other names: require_names NUMBER NAME... DEVICE.
require_names() {
  local whose
  whose=$(table_of "$@")
  if [ "$whose" = 'the tree' ]; then return; fi
  refuse "\${!#} has the partitions of $whose" "nothing was mounted: give this tree the nodes that the disk was made with, or rename the partition with sgdisk --change-name"
}`,
  uuid_of: `# Prints the UUID of what is on a device.
uuid_of() {
  blkid --probe --match-tag UUID --output value "$1"
}`,
  label_of: `# Prints the label of what is on a device.
label_of() {
  blkid --probe --match-tag LABEL --output value "$1"
}`,
  is_opened_elsewhere: `# Succeeds when the container of this name is open, and lies on another device: is_opened_elsewhere NAME DEVICE.
is_opened_elsewhere() {
  local said key value device=''
  said=$(cryptsetup status "$1") || return
  while read -r key value; do
    if [ "$key" = device: ]; then device=$value; fi
  done <<<"$said"
  [ "$(readlink -f -- "$device")" != "$(readlink -f -- "$2")" ]
}`,
} as const satisfies Readonly<Record<string, string>>;

/** The programs that these functions call. */
export const claimFunctionTools = {
  claim: ["blkid", "dd", "grep", "lsblk", "od", "tail", "wipefs"],
  with_own: [],
  mount_own: ["mount"],
  volume_group_of: ["pvs"],
  array_of: ["mdadm"],
  table_of: ["sfdisk"],
  require_names: ["sfdisk"],
  uuid_of: ["blkid"],
  label_of: ["blkid"],
  is_opened_elsewhere: ["cryptsetup", "readlink"],
} as const;
