/**
 * Has a machine restart in a moment, so that the connection can end before. The rescue system has nobody to ask; others stop what
 * they run.
 */
export const restartScript = `sync
if [ -e /etc/mkimage-rescue ]; then restart='reboot -f'; else restart='systemctl reboot || reboot'; fi
(
  sleep 1
  eval "$restart"
) </dev/null >/dev/null 2>&1 &
`;
