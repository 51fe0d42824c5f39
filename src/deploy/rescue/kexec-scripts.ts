/**
 * Makes a folder in memory that is never swapped out, empties it where it is there, and says its path. Folders in /run and
 * /dev/shm may not run programs, and can be swapped to a disk. Its argument is the memory that has to be free, in KiB: when it is not,
 * the kernel would end programs of the machine. Kernels before 3.14 do not tell.
 */
export const folderScript = `set -eu
while read -r name free _; do
  if [ "$name" = MemAvailable: ] && [ "$free" -lt "$1" ]; then
    echo "$((free / 1024)) MiB of memory are free, and the rescue system needs $(($1 / 1024)) MiB to be loaded" >&2
    exit 1
  fi
done </proc/meminfo
for parent in /run /dev/shm /tmp; do
  if [ -d "$parent" ]; then break; fi
done
folder=$parent/mkimage-rescue
if [ -L "$folder" ]; then echo "$folder is a link" >&2; exit 1; fi
mkdir -p "$folder"
while grep -q " $folder ramfs " /proc/mounts; do umount "$folder"; done
mount -t ramfs -o mode=0700 mkimage-rescue "$folder"
printf '%s\\n' "$folder"
`;

/**
 * Takes files into the folder that is its argument, each behind a line with its name, mode, number of blocks of 64 KiB, and the bytes
 * after them; then says the SHA-256 of each file.
 *
 * The shell reads lines byte by byte, and dd no byte more than it needs, so that both can read one pipe.
 */
export const filesScript = `set -eu
umask 077
cd "$1"
piece() { if [ "$1" != 0 ] && [ "$2" != 0 ]; then dd bs="$1" count="$2" iflag=fullblock 2>/dev/null; fi; }
while read -r name mode blocks rest; do
  { piece 65536 "$blocks"; piece "$rest" 1; } >"$name"
  chmod "$mode" "$name"
done
sha256sum -- *
`;

/**
 * Loads a kernel. Its arguments are the folder, the kernel's parameters, and kexec's command. Where the kernel does not take
 * files, which it can check, it is given pieces of memory. Says `loaded`, or else what kexec and the kernel say.
 */
export const loadScript = `cd "$1" || exit 1
parameters=$2
shift 2
load() { "$@" --load kernel --initrd=initrd --command-line="$parameters" 2>&1; }
if by_file=$(load "$@" --kexec-file-syscall) || in_pieces=$(load "$@" --kexec-syscall); then
  echo loaded
  exit
fi
printf '%s\\n' "$by_file" "$in_pieces"
dmesg 2>/dev/null | grep -i -E 'kexec|lockdown' | tail -n 3 || true
`;

/**
 * Starts the loaded kernel when the connection has ended. The old filesystems are left as clean as by a machine that is switched off,
 * since it starts from them again if the new kernel gives up. Its arguments are the folder and kexec's command.
 */
export const startScript = `cd "$1" || exit 1
shift
if command -v setsid >/dev/null; then detach=setsid; else detach=; fi
# shellcheck disable=SC2016,SC2086 # the inner shell's own arguments; nothing or a word
(
  trap '' HUP
  exec $detach sh -c 'sleep 2; sync; { echo u >/proc/sysrq-trigger; } 2>/dev/null; sleep 1; exec "$@" --exec' sh "$@"
) </dev/null >/dev/null 2>&1 &
`;

/** Takes back what was loaded, and gives its memory free. Its arguments are as those of `startScript`. */
export const forgetScript = `folder=$1
shift
(cd "$folder" && "$@" --unload) >/dev/null 2>&1
umount "$folder"
rmdir "$folder"
`;
