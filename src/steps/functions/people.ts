import type { ShellFunctions } from "../../runtime/shell-parts.ts";

/** The functions that speak with whoever runs a script. */
export const peopleFunctions = {
  begin: {
    text: `begin() {
  if [ -n "\${in_turns-}" ]; then end_between "$1"; fi
  printf '==> %s\\n' "$1"
}`,
    tools: [],
  },
  ask_password: {
    text: `# Asks for a password, once a run: ask_password NAME TIMES leaves it in $password.
ask_password() {
  local - repeated
  set +x
  [ "\${password_of-}" != "$1" ] || return 0
  asking=1
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
  # shellcheck disable=SC2034 # A signal asks for it.
  asking=
  password_of=$1
}`,
    tools: [],
  },
  draw_password: {
    text: `# Draws a password that nobody gets to know, once a run: draw_password NAME leaves it in $password.
draw_password() {
  local -
  set +x
  [ "\${password_of-}" != "drawn for $1" ] || return 0
  password=$(od -An -v -N32 -tx1 /dev/urandom)
  password=\${password//[[:space:]]/}
  password_of="drawn for $1"
}`,
    tools: ["od"],
  },
  say_password: {
    text: `# Prints the password, and nothing of it among the commands that --verbose shows.
say_password() {
  local -
  set +x
  printf '%s' "$password"
}`,
    tools: [],
  },
  say_file: {
    text: `# Prints a file without the line breaks at its end, as say_password does.
say_file() {
  local -
  set +x
  printf '%s' "$(cat -- "$1")"
}`,
    tools: ["cat"],
  },
  has_terminal: {
    text: `# Succeeds where somebody can read and type.
has_terminal() {
  { : </dev/tty; } 2>/dev/null
}`,
    tools: [],
  },
  at_terminal: {
    text: `# Has a command speak with people, where there are any.
at_terminal() {
  if has_terminal; then "$@" </dev/tty >/dev/tty 2>&1; else "$@"; fi
}`,
    tools: [],
    needs: ["has_terminal"],
  },
} as const satisfies ShellFunctions;
