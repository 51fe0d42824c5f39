import { mkdtemp, open, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { relocateGpt } from "../../src/machine/relocate-gpt.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { Extent } from "../../src/image/extent.ts";
import { identityFrom } from "../../src/base/identity.ts";
import type { DiskLayout, TableLayout } from "../../src/layout/layout.ts";
import { solveLayout } from "../../src/devices/layout/solve.ts";
import { GiB, MiB } from "../../src/base/units.ts";
import { compareTable } from "../../src/partitions/compare-table.ts";
import { gptBytes } from "../../src/partitions/gpt.ts";
import { readTable, tableFactsFrom } from "../../src/partitions/read-table.ts";
import { sgdiskVerifyArguments } from "../../src/partitions/sgdisk.ts";
import { tableExtents } from "../../src/partitions/table-extents.ts";
import { run } from "../../src/runtime/run.ts";
import { partitions } from "../../src/devices/presets/choices.ts";
import { solvePreset } from "../devices/presets/solve-preset.ts";

for (const partition of partitions.filter((name) => name !== "none")) {
  test(`${partition}: sfdisk reads the planned table from an image that holds nothing but our extents`, async (t) => {
    const disk = solvePreset(partition, 8 * GiB);
    await withImage(disk, async (image) => {
      t.deepEqual(compareTable(disk.table as TableLayout, await readTable(image)), []);
    });
  });

  test(`${partition}: the table's bytes are the same each time, and leave the boot code alone`, async (t) => {
    const disk = solvePreset(partition, 8 * GiB);
    const [one, other] = [await extentsOf(disk), await extentsOf(disk)];
    t.deepEqual(one, other);
    t.is(one[0]?.offset, 440);
  });
}

test("a bare filesystem has no table", async (t) => {
  t.deepEqual(await extentsOf(solvePreset("none", 8 * GiB)), []);
});

test("our own writer for GPTs makes sfdisk's bytes", async (t) => {
  const disk = gptDisk({
    odd: { size: "3000s", attributes: [0, 2, 60], label: 'a "quoted\\x41" näme \u732b' },
    none: { size: "1M", label: "" },
    rest: { size: "100%", uuid: "0123abcd-4567-89ab-cdef-0123456789ab" },
  });
  const table = disk.table as Extract<TableLayout, { kind: "gpt" }>;
  const { primary, backup } = gptBytes(table, disk.size / 512, 512);
  const [first, last] = (await extentsOf(disk)).map(bytesOf);
  t.deepEqual(primary.subarray(440), first);
  t.deepEqual(backup, last);
});

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { size: "1M" }]));

for (const [count, firstUsable] of [
  [128, 34],
  [129, 66],
  [255, 66],
] as const) {
  test(`a table of ${count} partitions is sfdisk's, sgdisk's and our own, also on a larger disk`, async (t) => {
    const disk = gptDisk(many(count));
    const table = disk.table as Extract<TableLayout, { kind: "gpt" }>;
    t.like(table, { firstUsable, lastUsable: disk.size / 512 - firstUsable });
    // sfdisk writes it, sgdisk verifies it, and what sfdisk reads is held against the plan.
    const [first, last] = (await extentsOf(disk)).map(bytesOf);
    const { primary, backup } = gptBytes(table, disk.size / 512, 512);
    t.deepEqual(primary.subarray(440), first);
    t.deepEqual(backup, last);
    await withImage(disk, async (image) => {
      await moveTo(image, disk.size, disk.size + 8 * MiB);
      await run("sgdisk", sgdiskVerifyArguments(image));
      const moved = { ...table, lastUsable: table.lastUsable + (8 * MiB) / 512 };
      t.deepEqual(compareTable(moved, await readTable(image)), []);
    });
  });
}

test("a table of 129 partitions with sectors of 4096 bytes leaves room for 256 entries", async (t) => {
  const disk = gptDisk(many(129), { sectorSize: 4096 });
  t.like(disk.table, { firstUsable: 10, lastUsable: disk.size / 4096 - 10 });
  const [first, last] = await extentsOf(disk);
  t.is((first?.offset ?? 0) + (first?.length ?? 0), 10 * 4096);
  t.is(last?.length, 9 * 4096);
});

test("what Linux does not read, and parted does not make, is refused before anything is written", (t) => {
  t.throws(() => gptDisk(many(256)), { code: "BAD_REQUEST", message: /Linux reads 255 partitions of a GPT, not 256/ });
  const byParted = Array.from({ length: 129 }, (_, index) => ({
    name: `p${index}`,
    start: `${index + 1}MiB`,
    end: `${index + 2}MiB`,
  }));
  t.throws(() => solve({ content: { type: "table", format: "gpt", partitions: byParted } }), {
    code: "BAD_REQUEST",
    message: /parted makes 128 partitions of a GPT, not 129/,
  });
});

test("with sectors of 4096 bytes the table is ours, with six sectors before the first partition", async (t) => {
  const disk = gptDisk({ a: { start: "6s", size: "100%", alignment: 1 } }, { sectorSize: 4096 });
  const [first, last] = await extentsOf(disk);
  t.is((first?.offset ?? 0) + (first?.length ?? 0), 6 * 4096);
  t.is((last?.offset ?? 0) + (last?.length ?? 0), disk.size);
  t.is(last?.length, 5 * 4096);
});

test("a hybrid MBR has the entries, types and flags that were asked for", async (t) => {
  const hybrid = { mbrPartitionType: "0x0c", mbrBootableFlag: true };
  const tree = {
    a: { size: "10M", hybrid },
    b: { size: "10M" },
    c: { size: "20M", hybrid: { mbrPartitionType: null } },
  };
  const entries = async (disk: DiskLayout) =>
    withImage(disk, async (image) => {
      const { stdout } = await run("sfdisk", ["--json", "--label-nested", "dos", image]);
      return tableFactsFrom(stdout, image).partitions;
    });
  const [protective, a, c] = [
    { type: 0xee, first: 1, last: 2047, active: false },
    { type: 0x0c, first: 2048, last: 22527, active: true },
    { type: 0x83, first: 43008, last: 83967, active: false },
  ];
  t.like(await entries(gptDisk(tree)), [protective, a, c]);
  t.like(await entries(gptDisk(tree, {}, { efiGptPartitionFirst: false })), [a, c, protective]);
});

test("logical partitions and their records are in the extents", async (t) => {
  const disk = msdosDisk([
    { start: "1MiB", end: "100MiB", flags: ["boot", "lvm"] },
    { "part-type": "extended", start: "100MiB" },
    { "part-type": "logical", "fs-type": "linux-swap", start: "101MiB", end: "50%" },
    { "part-type": "logical", start: "50%", end: "80%" },
    { "part-type": "logical", start: "80%" },
  ]);
  await withImage(disk, async (image) =>
    t.deepEqual(compareTable(disk.table as TableLayout, await readTable(image)), []),
  );
});

test("logical partitions right behind the beginning of the extended one, as installers lay them out", async (t) => {
  const disk = msdosDisk([
    { start: "1MiB", end: "90MiB" },
    { "part-type": "extended", start: "204798s", end: "100%" },
    { "part-type": "logical", start: "204800s", end: "409599s" },
    { "part-type": "logical", start: "409601s", end: "614399s" },
    { "part-type": "logical", start: "616448s", end: "700000s" },
  ]);
  await withImage(disk, async (image) =>
    t.deepEqual(compareTable(disk.table as TableLayout, await readTable(image)), []),
  );
});

test("an empty table is a table", async (t) => {
  for (const disk of [gptDisk({}), msdosDisk([])]) {
    await withImage(disk, async (image) =>
      t.deepEqual(compareTable(disk.table as TableLayout, await readTable(image)), []),
    );
  }
});

test("a table that differs from the plan is told apart, partition by partition", async (t) => {
  const plan = gptDisk({ a: { size: "10M" }, b: { size: "20M" } });
  const other = gptDisk({ a: { size: "11M", type: "8200" }, b: { size: "20M" }, c: { size: "1M" } });
  await withImage(other, async (image) => {
    const faults = compareTable(plan.table as TableLayout, await readTable(image));
    t.true(faults.includes("partition 1: last is 24575, planned was 22527"), faults.join("\n"));
    t.true(
      faults.includes(
        'partition 1: type is "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F", planned was "0FC63DAF-8483-4772-8E79-3D69D8477DE4"',
      ),
    );
    t.true(faults.includes("partition 3 was not planned"));
  });
});

function gptDisk(gptPartitions: object, disk: object = {}, gpt: object = {}): DiskLayout {
  return solve({ ...disk, content: { type: "gpt", partitions: gptPartitions, ...gpt } });
}

function msdosDisk(tablePartitions: readonly object[]): DiskLayout {
  return solve({ content: { type: "table", format: "msdos", partitions: tablePartitions } });
}

function solve(disk: object): DiskLayout {
  const tree = readDeviceTree({ disk: { "a disk": { imageSize: "1G", ...disk } } });
  return solveLayout(tree, { identity: identityFrom("a seed"), needs: () => 0 }).disks[0] as DiskLayout;
}

async function extentsOf(disk: DiskLayout): Promise<Extent[]> {
  return withFolder(async (folder) => {
    const extents = await tableExtents(disk, folder);
    if ((await readdir(folder)).length > 0) throw new Error("a scratch file is left");
    return extents;
  });
}

/** An image in which only the extents of the table are written. */
async function withImage<T>(disk: DiskLayout, use: (image: string) => Promise<T>): Promise<T> {
  const extents = await extentsOf(disk);
  return withFolder(async (folder) => {
    const image = join(folder, "image 1.raw");
    await writeFile(image, "");
    await truncate(image, disk.size);
    const file = await open(image, "r+");
    for (const extent of extents) await file.write(bytesOf(extent), 0, extent.length, extent.offset);
    await file.close();
    return use(image);
  });
}

function bytesOf({ source }: Extent): Buffer {
  if (source.kind !== "bytes") throw new Error("the extents of a table are literal bytes");
  return Buffer.from(source.bytes);
}

/** Moves the table to the end of a larger disk. */
async function moveTo(image: string, imageSize: number, deviceSize: number): Promise<void> {
  await truncate(image, deviceSize);
  await using file = await open(image, "r+");
  const head = Buffer.alloc(MiB);
  await file.read(head, 0, head.length, 0);
  const moved = relocateGpt(head, { imageSize, deviceSize, sectorSize: 512 });
  if (moved === undefined) throw new Error("there is no table");
  const { backup, oldBackup } = moved;
  await file.write(Buffer.alloc(oldBackup.end - oldBackup.start), 0, oldBackup.end - oldBackup.start, oldBackup.start);
  await file.write(moved.head, 0, moved.head.length, 0);
  await file.write(backup.bytes, 0, backup.bytes.length, backup.offset);
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-table-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
