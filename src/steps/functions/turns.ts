import type { ShellFunctions } from "../../runtime/shell-parts.ts";

/**
 * The functions by which a signal ends a script between two of its steps. Programs are told nothing of signals, wherever these come
 * from: a terminal, a connection that is lost, a service manager that ends all that a session has started.
 */
export const turnFunctions = {
  in_turn: {
    text: `# Runs the steps of the script, one after the other. SIGINT, SIGTERM and SIGHUP let the one that runs end its work, and end the
# script before the next; another SIGINT or SIGTERM ends all at once. Whoever runs the script says USR1 for the former, and USR2 for the latter.
in_turn() {
  local code=0
  interrupted=0
  asked_to_end=0
  turn=
  trap 'end_after_step 130 SIGINT' INT
  trap 'end_after_step 143 SIGTERM' TERM
  trap 'end_after_step 129 SIGHUP' HUP
  trap 'end_after_step 143 SIGUSR1' USR1
  trap 'end_at_once' USR2
  (
    # What the programs print may reach nobody any more.
    trap '' INT TERM HUP QUIT PIPE USR2
    trap 'end_question' USR1
    in_turns=1
    steps
  ) <&0 &
  turn=$!
  # A signal may have come before there was anybody to tell.
  if [ "$interrupted" != 0 ]; then kill -USR1 "$turn" 2>/dev/null || true; fi
  while kill -0 "$turn" 2>/dev/null; do wait "$turn" || true; done
  wait "$turn" || code=$?
  # 138: it was told before it could listen.
  case $code in 130 | 138) code=$((interrupted == 0 ? code : interrupted)) ;; esac
  exit "$code"
}
# shellcheck disable=SC2317 # Signals call it.
end_after_step() {
  # Whoever logs out is told so by several signals at once, of which most are SIGHUP.
  case $2 in SIGINT | SIGTERM) asked_to_end=$((asked_to_end + 1)) ;; esac
  if [ "$asked_to_end" -gt 1 ]; then end_at_once; fi
  if [ "$interrupted" != 0 ]; then return 0; fi
  interrupted=$1
  if [ -n "$turn" ]; then kill -USR1 "$turn" 2>/dev/null || true; fi
  printf '==! %s: what was begun is finished first; another SIGINT or SIGTERM ends it in the middle of its work, and can damage what it works on\\n' "$2" >&2 || true
}
# shellcheck disable=SC2317 # Signals call it.
end_at_once() {
  local ended
  kill -STOP "$turn" 2>/dev/null || true
  mapfile -t ended < <(stop_below "$turn")
  printf '==! ended in the middle of a step: look at what it worked on before it is used\\n' >&2 || true
  kill -KILL "$turn" "\${ended[@]}" 2>/dev/null || true
  exit "$((interrupted == 0 ? 143 : interrupted))"
}
# Nothing is damaged while somebody is asked.
# shellcheck disable=SC2317 # Signals call it.
end_question() {
  interrupted=1
  if [ -n "\${asking-}" ]; then exit 130; fi
}
# Ends the script between two steps: where it was told to, or whoever runs it is gone: then nobody keeps others away from the disks.
end_between() {
  local line
  # One that was killed may not have been asked for by its parent yet.
  { read -r line <"/proc/$$/stat"; } 2>/dev/null || exit 130
  case \${line##*) } in [ZX]*) exit 130 ;; esac
  if [ "$interrupted" = 0 ]; then return 0; fi
  printf '==! stopped before: %s\\n' "$1" >&2 || true
  exit 130
}
# What stays behind a mount, such as a daemon of FUSE, keeps nobody away from the disks.
# shellcheck disable=SC2317 # Not every script mounts.
mount() (
  for open in /proc/"$BASHPID"/fd/*; do
    case \${open##*/} in 0 | 1 | 2) ;; *) eval "exec \${open##*/}>&-" ;; esac
  done
  exec mount "$@"
)
# Stops and prints the processes that a process has started, and those that they have: stopped first, none of them starts another that
# nobody sees. The name of one, in brackets, may be anything.
# shellcheck disable=SC2317 # Signals call it.
stop_below() {
  local file line parent pid
  for file in /proc/[0-9]*/stat; do
    { read -r line <"$file"; } 2>/dev/null || continue
    read -r _ parent _ <<<"\${line##*) }"
    if [ "$parent" != "$1" ]; then continue; fi
    pid=\${file#/proc/}
    pid=\${pid%/stat}
    kill -STOP "$pid" 2>/dev/null || true
    echo "$pid"
    stop_below "$pid"
  done
}`,
    tools: ["mount"],
  },
} as const satisfies ShellFunctions;
