#!/bin/sh
# Runs a command in a root that has nothing but the store, /bin/sh and /usr/bin/env, as NixOS has them, and a folder at /work.
# Usage, in a mount namespace of its own: store-root.sh ROOT PROGRAMS WORK COMMAND...
set -eu
root=$1 programs=$2 work=$3
shift 3

mount -t tmpfs tmpfs "$root"
cd "$root"
mkdir -p nix/store nix/var bin usr/bin etc root dev sys proc tmp work "$work/tmp"
mount --bind /nix/store nix/store
mount --bind /nix/var nix/var
mount --bind "$work" work
mount --bind "$work/tmp" tmp
mount --rbind /dev dev
mount --rbind /sys sys
mount -t proc proc proc
ln -s "$programs/bin/bash" bin/sh
ln -s "$programs/bin/env" usr/bin/env
echo root:x:0:0::/root:/bin/sh >etc/passwd
exec "$programs/bin/chroot" "$root" /usr/bin/env -i HOME=/root "$@"
