import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs of every machine that builds the project: shells, Node, and those of coreutils, grep, acl, attr and util-linux. */
const plain = [
  ..."sh bash node getfacl setfacl getfattr setfattr flock mount setpriv awk grep sed tr b2sum cat chgrp chmod chown cksum cmp cp cut dd env false".split(
    " ",
  ),
  ..."head id kill ln ls mkdir mkfifo mknod mktemp mv od printf readlink rm rmdir seq sha256sum sleep sort stat sync".split(
    " ",
  ),
  ..."tail tee touch true truncate uname wc yes".split(" "),
];

/**
 * Makes a folder of links to plain programs, which is the PATH of tests that need no other: one that asks e2fsck fails for
 * want of it, and is to end in `.tools.test.ts`. Returns the folder.
 */
export function linkPlainPrograms(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of plain) {
    const path = (process.env["PATH"] ?? "")
      .split(delimiter)
      .map((place) => join(place, name))
      .find(existsSync);
    const link = join(folder, name);
    if (path !== undefined && !existsSync(link)) symlinkSync(path, link);
  }
  return folder;
}
