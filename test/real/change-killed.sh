#!/toolbox/bin/bash
# change-killed.sh CASE: makes disks by the scripts in /job/trees, fills them, and has the built program change them as a whole; then
# again, ended after each of its steps and gone on with. What the disks are then is kept in /results/files/CASE.
set -eu

export PATH=/toolbox/bin:/bin
[ -S /run/udev/control ] || export DM_DISABLE_UDEV=1
name=$1
kept=/results/files/$name
tree=/job/trees/$name
read -ra destroy <"$tree.destroy"
mkdir -p "$kept"

changes() { # MODE...
  /toolbox/root/mkimage/bin/mkimage disko --root-mountpoint /mnt "$tree.json" "${destroy[@]}" --mode "$@"
}

makes() {
  bash "$tree.format" >/tmp/made 2>&1
  bash "$tree.mount" >/tmp/made 2>&1
  dd if=/dev/urandom of=/mnt/large bs=64k count=48 2>/dev/null
  for one in 1 2 3 4 5 6 7 8; do dd if=/dev/urandom of="/mnt/small $one" bs=1k count="$one" 2>/dev/null; done
  sync
  (cd /mnt && find . -xdev -type f -exec md5sum {} + | sort -k 2) >/tmp/sums
}

# The disks as other programs see them.
seen() {
  lsblk --list --bytes --noheadings --output NAME,TYPE,SIZE,FSTYPE,MOUNTPOINT /dev/vda /dev/vdb | sort
  vgs --noheadings --options vg_name,vg_extent_size,vg_extent_count,vg_free_count,pv_count
  lvs --noheadings --options lv_name,lv_size | sort
  df -P -k /mnt | tail -n 1 | awk '{ print $2 }'
}

looks() { # COUNT
  if (cd /mnt && md5sum -c /tmp/sums >"$kept/compared.$1" 2>&1); then echo yes; else echo no; fi >"$kept/same.$1"
  seen >"$kept/seen.$1"
  # A second time there is nothing to do.
  changes diff >"$kept/diff.$1" 2>&1 || echo "exit code $?" >>"$kept/diff.$1"
  echo "$name $1: $(cat "$kept/same.$1"); $(tail -n 1 "$kept/said.$1"); $(tail -n 1 "$kept/diff.$1")"
  umount -R /mnt
  for one in /dev/pool/*; do e2fsck -f -n "$one" >"$kept/fsck.$1" 2>&1 || echo "$one" >>"$kept/unsound"; done
  bash "$tree.mount-new" >/tmp/made 2>&1
  bash "$tree.destroy-new" >/tmp/made 2>&1
}

makes
changes apply --dry-run >"$kept/script"
changes apply >"$kept/said.all" 2>&1 || echo "exit code $?" >>"$kept/said.all"
looks all
count=$(grep -c "^begin '" "$kept/script")
for ((step = 1; step < count; step++)); do
  echo "$name $step of $count $(cut -d ' ' -f 1 /proc/uptime)"
  makes
  # Its steps are those of a function.
  awk -v most="$step" '/^begin \047/ { at++ } at > most { exit } { print } END { print "}\nin_turn" }' "$kept/script" >/tmp/script
  bash /tmp/script >"$kept/ended.$step" 2>&1
  changes apply >"$kept/said.$step" 2>&1 || echo "exit code $?" >>"$kept/said.$step"
  looks "$step"
done
