import { execFileSync } from "node:child_process";
import { findTool } from "../../src/runtime/tools.ts";

const makeTree = String.raw`
umask 022
cd "$1"
mkdir -p deep/er 'a folder' sticky
chmod 1777 sticky
printf 'text' >'a folder/it'\''s -n *'
printf 'latin \351' >"$(printf 'name \351\n')"
ln 'a folder/it'\''s -n *' deep/er/linked
ln -s '../a folder/it'\''s -n *' deep/link
ln -s "$(printf '%0500d' 0)" deep/long-link
mkfifo deep/fifo
mknod deep/null c 1 3
mknod deep/disk b 259 300
truncate -s 100M hole
printf 'x' | dd of=hole bs=1 seek=52428800 conv=notrunc status=none
printf 'program' >capable
chmod 4755 capable
chown 1000:100 'a folder' 'a folder/it'\''s -n *'
chown -h 70000:4000000000 deep/link
setfattr -n user.note -v 'some text' capable
setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 deep/er/linked
setfacl -m u:1000:rx,d:g:100:rwx deep
for number in $(seq 1 300); do echo "$number" >"sticky/file number $number"; done
touch -h -d '2001-02-03 04:05:06.789012345 UTC' deep/link capable
touch -d '1985-06-07 08:09:10.5 UTC' deep/er
`;

/** Makes a tree with everything in it that copying may lose. */
export function makeHostileTree(folder: string): void {
  execFileSync(findTool("sh"), ["-euc", makeTree, "sh", folder], { env: { ...process.env, LC_ALL: "C" } });
}

const listTree = String.raw`
cd "$1"
find . ! -name lost+found ! -type d -printf '%p %y %m %U %G %T@ %n %s %l\n' | sort
find . ! -name lost+found -type d -printf '%p %y %m %U %G %T@\n' | sort
find . ! -name lost+found '(' -type c -o -type b ')' -exec stat -c '%n %t %T' '{}' + | sort
find . -samefile 'a folder/it'\''s -n *' | sort
find . -type f -exec sha256sum '{}' + | sort
# XFS shows ACLs a second time, under names of its own.
getfattr -R -h -d -m - -e hex . | grep -v '^trusted\.SGI_ACL_'
`;

/** A tree by find, stat, sha256sum and getfattr: names, types, modes, owners, times, links, bytes, attributes. */
export function listingOf(folder: string): string[] {
  const text = execFileSync(findTool("sh"), ["-euc", listTree, "sh", folder], {
    encoding: "latin1",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
  });
  // getfattr goes through folders in their own order, which each filesystem has another of.
  const [files = "", ...attributes] = text.split(/^# file: /m);
  return [...files.split("\n"), ...attributes.map((block) => block.trimEnd()).sort()];
}
