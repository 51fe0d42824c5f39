import { readdirSync } from "node:fs";
import test from "ava";
import type { Filesystem } from "../../src/filesystems/filesystem.ts";
import { isPlannable, plannableFormats } from "../../src/filesystems/lay-out.ts";
import { filesystemOf, filesystems } from "../../src/filesystems/registry.ts";

const registered: readonly (readonly [string, Filesystem])[] = Object.entries(filesystems);

/** What is in `src/filesystems/` and is no filesystem. */
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

for (const [format, { driver, driverLoads, survey, growth, contents }] of registered) {
  test(`${format}: what is said of it fits together`, (t) => {
    t.is(new Set(contents).size, contents.length);
    if (driver === null) t.is(survey, null, "an image is made with what a kernel mounts");
    if (driver === null) t.deepEqual(driverLoads, []);
    if (growth.bySystemd) t.true(growth.mounted, "systemd grows what is mounted");
  });
}

test("images are made with these, in the order that errors list them", (t) => {
  t.deepEqual(plannableFormats, ["ext4", "vfat", "bcachefs", "btrfs", "f2fs", "xfs", "zfs"]);
});

test("a filesystem that is not registered has its driver and its content by its own name, and no image is made with it", (t) => {
  for (const format of ["jfs", "constructor"]) {
    const { mkfs, driver, contents } = filesystemOf(format);
    t.deepEqual({ mkfs, driver, contents }, { mkfs: null, driver: format, contents: [format] });
    t.false(isPlannable(format));
  }
});
