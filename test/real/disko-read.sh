#!/toolbox/bin/bash
# disko-read.sh TREE: makes a device tree by its scripts in /job/trees, and keeps in /results/files/TREE what mkimage reads
# from the disks: while all is mounted, and while all is closed and the last disk is not named.
set -eu

export PATH=/toolbox/bin:/bin
[ -S /run/udev/control ] || export DM_DISABLE_UDEV=1
name=$1
kept=/results/files/$name
disks="/dev/vda /dev/vdb /dev/vdc"
mkdir -p "$kept"

reads() { # MOMENT DISK...
  moment=$1
  shift
  /toolbox/root/mkimage/bin/mkimage disko --mode read --json "$@" >"$kept/$moment" 2>"$kept/$moment.notes" || echo "exit code $?" >>"$kept/$moment.notes"
}

# The output of the programs that are asked.
answers() {
  for one in $disks /dev/vd[abc][0-9]* /dev/mapper/*; do
    [ -b "$one" ] || continue
    case $(blkid -p -o value -s TYPE "$one" || true) in
    LVM2_member) pvck --dump metadata "$one" >"$kept/pvck.${one##*/}" ;;
    linux_raid_member) mdadm --examine "$one" >"$kept/mdadm.${one##*/}" ;;
    crypto_LUKS) cryptsetup luksDump "$one" >"$kept/luks.${one##*/}" ;;
    esac
  done
}

does() {
  echo "$name $1 $(cut -d " " -f 1 /proc/uptime)"
  bash "/job/trees/$name.$1"
}

# The sectors that were written to the disks since the machine started.
written() {
  for one in $disks; do
    read -ra fields <"/sys/class/block/${one##*/}/stat"
    echo "${fields[6]}"
  done
}

does format
does mount
# shellcheck disable=SC2086
reads mounted $disks
answers
does unmount
sync
written >/tmp/before
# shellcheck disable=SC2086
reads closed ${disks% *}
[ "$(written)" != "$(cat /tmp/before)" ] || echo nothing >"$kept/written"
does destroy
rm -rf /dev/md
