import { recordFunctions } from "../../remote/scripts/records.ts";

/**
 * Prints the keys by which a machine proves that it is itself: `H path hex`. They are secrets, and have a script of their
 * own so that nothing else is said beside them.
 */
export const hostKeysScript = `${recordFunctions}key() { if [ -f "$1" ] && [ -r "$1" ]; then printf 'H\\t%s\\t%s\\n' "$1" "$(hex "$1")"; fi; }
{
  for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
    [ -r "$file" ] || continue
    while read -r word path _ || [ -n "$word" ]; do
      case $word in [Hh][Oo][Ss][Tt][Kk][Ee][Yy]) for path in "$path" "$path.pub"; do key "$path"; done ;; esac
    done <"$file"
  done
  for path in /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /etc/dropbear/dropbear_*_host_key; do key "$path"; done
} 2>/dev/null
echo
echo E
`;
