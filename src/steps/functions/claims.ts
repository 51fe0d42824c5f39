import type { ShellFunctions } from "../../runtime/shell-parts.ts";
import { refusalMark } from "../refusal.ts";

/** The functions that check claims: a claim is a line that says what it is for, its settings, and a line for each device. */
export const claimFunctions = {
  claim: {
    text: `# Begins a claim: claim THING WANTED TYPES. Settings that differ from these follow, and then its devices.
faults=()
# shellcheck disable=SC2034
claim() {
  thing=$1 wanted=$2 types=$3
  owner=() whose='' auxiliary=() taken=() always='' in_use='' hint=''
  own=() blank=() others=() absent=() spares=()
}`,
    tools: [],
  },
  claim_auxiliary: {
    text: `# As claim_device for one that a group can do without: what is on it may say what it is for, and not for whom.
claim_auxiliary() {
  if [ -e "$1" ] && "\${auxiliary[@]}" "$1"; then
    spares+=("$1 holds a spare or a cache of another group; $2 wants it to be $wanted")
  else
    claim_device "$@"
  fi
}`,
    tools: [],
    needs: ["claim_device"],
  },
  claim_device: {
    text: `# Looks at a device of a claim: claim_device DEVICE PATH. It is its own, it holds nothing, or it is in the way.
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
    tools: [],
    needs: ["look_at", "in_the_way", "is_in_use"],
  },
  in_the_way: {
    text: `# in_the_way DEVICE PATH WHAT: keeps a fault for the end of the look.
in_the_way() {
  others+=("$1")
  faults+=("$1 $3; $2 wants it to be $wanted")
}`,
    tools: [],
  },
  is_in_use: {
    text: `# Succeeds when something that is open lies on a device or on one of its partitions.
is_in_use() {
  local kind place first=1
  while read -r kind place; do
    if [ -n "$place" ] || { [ "$first" = 0 ] && [ "$kind" != part ]; }; then return 0; fi
    first=0
  done < <(lsblk --noheadings --raw --output TYPE,MOUNTPOINT "$1" 2>/dev/null)
  return 1
}`,
    tools: ["lsblk"],
  },
  say_lacking: {
    text: `# say_lacking DEVICE...: when others have what the claim is for, says that it is incomplete without these.
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
    tools: [],
  },
  is_taken: {
    text: `# Keeps a fault when something else has the name of a claim, or the spares of a group that is to be made.
is_taken() {
  if [ "\${#own[@]}" = 0 ]; then faults+=("\${spares[@]}"); fi
  if [ "\${#taken[@]}" = 0 ]; then return; fi
  if [ -z "$always" ] && [ "\${#own[@]}" != 0 ]; then return; fi
  if "\${taken[@]}" >/dev/null 2>&1; then
    faults+=("$thing: something else on this machine has this name; give the tree's another one, or take that apart")
  fi
}`,
    tools: [],
  },
  end_if_in_the_way: {
    text: `# Ends the script with all that is in the way.
end_if_in_the_way() {
  if [ "\${#faults[@]}" = 0 ]; then return; fi
  refuse "\${faults[@]}" "what is there stays: take such a device out of the tree; or once nothing on it is needed, erase it with wipefs --all, or its whole disk with mkimage disko --mode destroy"
}`,
    tools: [],
    needs: ["refuse"],
  },
  refuse: {
    text: `# Ends the script for what it has found, before it does anything about that: refuse LINE... Who runs it tells that from a
# command that failed by the first line.
refuse() {
  printf '%s\\n' "${refusalMark}" "$@" >&2
  exit 1
}`,
    tools: [],
  },
  look_at_claim: {
    text: `# Ends a claim before anything is changed: devices that are not there yet may come.
look_at_claim() {
  say_lacking "\${blank[@]}"
  is_taken
}`,
    tools: [],
    needs: ["say_lacking", "is_taken"],
  },
  is_unmade: {
    text: `# Succeeds when nothing of a claim is there; what is in the way ends the script.
is_unmade() {
  say_lacking "\${blank[@]}" "\${absent[@]}"
  is_unmade_so_far
}`,
    tools: [],
    needs: ["say_lacking", "is_unmade_so_far"],
  },
  is_unmade_so_far: {
    text: `# As is_unmade, while devices of the claim are yet to come.
is_unmade_so_far() {
  is_taken
  end_if_in_the_way
  [ "\${#own[@]}" = 0 ]
}`,
    tools: [],
    needs: ["is_taken", "end_if_in_the_way"],
  },
  is_made: {
    text: `# Succeeds when a claim is there, on one of its devices at least; what else there is does not matter.
is_made() {
  faults=()
  say_lacking "\${blank[@]}" "\${others[@]}" "\${absent[@]}"
  end_if_in_the_way
  is_known
}`,
    tools: [],
    needs: ["say_lacking", "end_if_in_the_way", "is_known"],
  },
  is_known: {
    text: `# As is_made, and says nothing.
is_known() {
  faults=()
  [ "\${#own[@]}" != 0 ]
}`,
    tools: [],
  },
  with_own: {
    text: `# Runs a command on the devices that are a claim's own.
with_own() {
  "$@" "\${own[@]}"
}`,
    tools: [],
  },
  mount_own: {
    text: `# Mounts any of a claim's own devices: mount_own OPTION... FOLDER.
mount_own() {
  mount "\${@:1:$#-1}" "\${own[0]}" "\${@: -1}"
}`,
    tools: ["mount"],
  },
} as const satisfies ShellFunctions;
