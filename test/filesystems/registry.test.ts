import { readdirSync } from "node:fs";
import test from "ava";
import type { Filesystem } from "../../src/filesystems/filesystem.ts";
import { isPlannable, plannableFormats } from "../../src/filesystems/lay-out.ts";
import { endsTellAll, filesystemOf, filesystems, rootFilesystems } from "../../src/filesystems/registry.ts";

const registered: readonly (readonly [string, Filesystem])[] = Object.entries(filesystems);

/** The folders in `src/filesystems/` that are no filesystems. */
const machinery = new Set(["guest-made", "mkfs"]);

test("every folder of a filesystem is registered", (t) => {
  const entries = readdirSync(new URL("../../src/filesystems/", import.meta.url), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !machinery.has(entry.name));
  t.true(folders.length > 0);
  for (const { name } of folders) t.true(Object.hasOwn(filesystems, name), name);
});

for (const [format, { mkfs }] of registered) {
  if (mkfs === null) continue;
  test(`${format}: the options that give names are among those of its program, and take a value`, (t) => {
    for (const name of [mkfs.label, mkfs.uuid].flatMap((option) => option?.names ?? [])) {
      if (name.startsWith("--")) t.true(mkfs.long.includes(`${name.slice(2)}=`), name);
      else t.true(mkfs.short.includes(`${name.slice(1)}:`), name);
    }
  });
}

for (const [format, { driver, driverLoads, survey, growth, contents, canBeRoot, bootCode }] of registered) {
  test(`${format}: what is said of it fits together`, (t) => {
    t.is(new Set(contents).size, contents.length);
    if (driver === null) t.is(survey, null, "an image is made with what a kernel mounts");
    if (driver === null) t.deepEqual(driverLoads, []);
    if (canBeRoot) t.not(survey, null, "a root is in an image");
    for (const [start, end] of bootCode) t.true(start < end);
    if (growth.bySystemd) t.true(growth.mounted, "systemd grows what is mounted");
  });
}

test("images are made with these, in the order that errors list them", (t) => {
  t.deepEqual(plannableFormats, ["ext4", "vfat", "bcachefs", "btrfs", "f2fs", "xfs", "zfs"]);
});

test("the root of a preset can have these", (t) => {
  t.deepEqual(rootFilesystems, ["ext4", "btrfs", "f2fs", "xfs"]);
});

test("blkid tells all that it knows at both ends of a device that it calls so, or reads further", (t) => {
  for (const mark of ["ext2", "ext3", "ext4", "jbd", "xfs", "btrfs", "f2fs", "bcachefs", "swap", "zfs_member"])
    t.true(endsTellAll(mark), mark);
  for (const mark of ["vfat", "exfat", "ntfs", "iso9660"]) t.false(endsTellAll(mark), mark);
});

test("a filesystem that is not registered has its driver and its content by its own name, and no image is made with it", (t) => {
  for (const format of ["jfs", "constructor"]) {
    const { mkfs, driver, contents } = filesystemOf(format);
    t.deepEqual({ mkfs, driver, contents }, { mkfs: null, driver: format, contents: [format] });
    t.false(isPlannable(format));
  }
});
