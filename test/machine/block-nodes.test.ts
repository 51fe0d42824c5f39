import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { nodeOfDevicePath } from "../../src/machine/block-nodes.ts";

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
