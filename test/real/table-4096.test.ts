import { open } from "node:fs/promises";
import test from "ava";
import { MiB } from "../../src/base/units.ts";
import { compareTable } from "../../src/partitions/compare-table.ts";
import { readTable } from "../../src/partitions/read-table.ts";
import { tableExtents } from "../../src/partitions/table-extents.ts";
import { solveDisk } from "../devices/layout/solve-tree.ts";
import { judge, loopDevice, temporaryFolder } from "./loop-device.ts";

// Tools take a file for a disk with sectors of 512 bytes; only a block device tells them otherwise.
test("sfdisk and sgdisk read our table on a device with sectors of 4096 bytes", async (t) => {
  const partitions = {
    ESP: { size: "100M", type: "EF00" },
    data: { start: "200M", size: "100M", attributes: [2, 63], label: 'odd "näme"' },
    rest: { size: "100%" },
  };
  const disk = solveDisk("1G", { type: "gpt", partitions }, { sectorSize: 4096 });
  const device = loopDevice(t, { size: 1024 * MiB, sectorSize: 4096 });
  const file = await open(device.path, "r+");
  for (const { offset, length, source } of await tableExtents(disk, temporaryFolder(t))) {
    // A device takes whole sectors: the boot code in front of the first extent is zeros here.
    const start = offset - (offset % 4096);
    const bytes = Buffer.alloc(length + offset - start);
    if (source.kind === "bytes") bytes.set(source.bytes, offset - start);
    await file.write(bytes, 0, bytes.length, start);
  }
  await file.close();
  if (disk.table === null) return t.fail("the disk has no table");
  t.deepEqual(compareTable(disk.table, await readTable(device.path)), []);
  return t.regex(judge("sgdisk", "--verify", device.path), /No problems found/);
});
