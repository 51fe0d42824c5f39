import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { loopsOver, nodeOfDevicePath } from "../../src/machine/block-nodes.ts";

test("a mapped device is found by its name where no udev has made a link of that", (t) => {
  const root = mkdtempSync(join(tmpdir(), "mkimage-block-nodes-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  const folders = { sys: join(root, "sys"), proc: join(root, "proc"), dev: join(root, "dev"), root };
  mkdirSync(join(folders.sys, "class/block/dm-1/dm"), { recursive: true });
  writeFileSync(join(folders.sys, "class/block/dm-1/dev"), "253:1\n");
  writeFileSync(join(folders.sys, "class/block/dm-1/dm/name"), "pool-root\n");
  mkdirSync(join(folders.dev, "mapper"), { recursive: true });
  writeFileSync(join(folders.dev, "mapper/pool-root"), "");
  t.is(nodeOfDevicePath(folders, "/dev/mapper/pool-root"), "dm-1");
  t.is(nodeOfDevicePath(folders, "/dev/mapper/other"), undefined);
  t.is(nodeOfDevicePath(folders, "/dev/pool-root"), undefined);
});

test("a loop device stands over the device that its backing file is, by whichever name", (t) => {
  const root = mkdtempSync(join(tmpdir(), "mkimage-block-nodes-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  const folders = { sys: join(root, "sys"), proc: join(root, "proc"), dev: join(root, "dev"), root };
  const backing = {
    loop0: "/dev/sda2",
    loop1: "/dev/disk/by-label/data",
    loop2: "/dev/sda2 (deleted)",
    loop3: "/images/sda2",
    loop4: "/dev/sda1",
  };
  for (const name of ["sda1", "sda2", ...Object.keys(backing)]) {
    mkdirSync(join(folders.sys, "class/block", name, "loop"), { recursive: true });
    writeFileSync(join(folders.sys, "class/block", name, "dev"), "7:0\n");
  }
  for (const [name, file] of Object.entries(backing))
    writeFileSync(join(folders.sys, "class/block", name, "loop/backing_file"), `${file}\n`);
  mkdirSync(join(folders.dev, "disk/by-label"), { recursive: true });
  writeFileSync(join(folders.dev, "sda2"), "");
  symlinkSync("../../sda2", join(folders.dev, "disk/by-label/data"));
  t.deepEqual(loopsOver(folders, "sda2"), ["loop0", "loop1", "loop2"]);
  t.deepEqual(loopsOver(folders, "sda1"), ["loop4"]);
});
