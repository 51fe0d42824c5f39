import type { ShellFunctions } from "../../runtime/shell-parts.ts";

/** The functions that speak with whoever runs a script. */
export const peopleFunctions = {
  begin: {
    text: `begin() {
  printf '==> %s\\n' "$1"
}`,
    tools: [],
  },
  ask_password: {
    text: `# Asks for a password, once a run: ask_password NAME TIMES leaves it in $password.
ask_password() {
  [ "\${password_of-}" != "$1" ] || return 0
  if [ -t 0 ]; then exec 3>/dev/tty; else exec 3>&2; fi
  while true; do
    printf 'Password for %s: ' "$1" >&3
    IFS= read -r -s password
    echo >&3
    [ "$2" = 2 ] || break
    printf 'Again: ' >&3
    IFS= read -r -s repeated
    echo >&3
    [ "$password" != "$repeated" ] || break
    echo 'These were two different passwords.' >&3
  done
  password_of=$1
}`,
    tools: [],
  },
} as const satisfies ShellFunctions;
