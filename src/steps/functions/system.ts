import type { ShellFunctions } from "../../runtime/shell-parts.ts";

/** The functions that run programs of a system that is being installed. */
export const systemFunctions = {
  in_system: {
    text: `# Runs a command in the system below a folder, as nixos-enter does, in namespaces of its own, so that neither a process nor
# a mount of it is left: in_system FOLDER TOPLEVEL keep|hide COMMAND... shows it the firmware's variables or not.
in_system() {
  unshare --mount --uts --pid --fork --kill-child --propagation private bash -eu -c '
    folder=$1 toplevel=$2 variables=$3
    shift 3
    for name in dev proc sys run tmp; do mkdir -p "$folder/$name"; done
    mount --rbind /dev "$folder/dev"
    mount --rbind /sys "$folder/sys"
    [ "$variables" = keep ] || [ ! -d /sys/firmware ] || mount -t tmpfs -o ro tmpfs "$folder/sys/firmware"
    mount -t proc proc "$folder/proc"
    mount -t tmpfs -o mode=755 tmpfs "$folder/run"
    mount -t tmpfs -o mode=1777 tmpfs "$folder/tmp"
    if [ -d /run/udev ]; then mkdir "$folder/run/udev" && mount --bind /run/udev "$folder/run/udev"; fi
    exec "$(command -v env)" -i HOME=/root LC_ALL=C TZ=UTC IN_NIXOS_ENTER=1 NIXOS_INSTALL_BOOTLOADER=1 \\
      "PATH=$toplevel/sw/bin:$toplevel/sw/sbin" "LOCALE_ARCHIVE=$toplevel/sw/lib/locale/locale-archive" \\
      "$(command -v chroot)" "$folder" "$@"
  ' in_system "$@"
}`,
    tools: ["unshare", "bash", "mkdir", "mount", "env", "chroot"],
  },
  activate_system: {
    text: `# Has the system below a folder make what its installers expect. Some activate in part only: a failure is told, and no more.
activate_system() {
  for program in "activate" "sw/bin/systemd-tmpfiles --create --remove -E"; do
    [ -e "$1$2/\${program%% *}" ] || continue
    # shellcheck disable=SC2086
    in_system "$1" "$2" hide "$2/"$program || printf '%s failed with exit code %s\\n' "$program" "$?"
  done
}`,
    tools: [],
    needs: ["in_system"],
  },
  without_variables: {
    text: `# Runs a command that does not see the variables of this machine's firmware.
without_variables() {
  unshare --mount --propagation private bash -eu -c '
    [ ! -d /sys/firmware ] || mount -t tmpfs -o ro tmpfs /sys/firmware
    exec "$@"
  ' without_variables "$@"
}`,
    tools: ["unshare", "bash", "mount"],
  },
} as const satisfies ShellFunctions;
