import { readFileSync } from "node:fs";
import test from "ava";
import { type BootCode, bootCodeOf, readBootRegions } from "../../src/bootloaders/boot-code.ts";
import { type BootCodeLayout, type BootCodePartition, bootRegions } from "../../src/bootloaders/boot-regions.ts";
import { filesystemOf } from "../../src/filesystems/registry.ts";
import { MiB } from "../../src/base/units.ts";

const sector = 512;
const firstPartition = 2048;

function disk(table: BootCodeLayout["table"], ...formats: readonly string[]): BootCodeLayout {
  const start = table === "none" ? 0 : firstPartition;
  const partitions = formats.map((format, index): BootCodePartition => {
    const content = format === "bios-grub" ? format : filesystemOf(format).bootCode;
    return { firstSector: start + index * 2048, sectors: 2048, content };
  });
  return { table, sectorSize: sector, partitions };
}

/** The boot code of a disk after an installer has written some bytes, by the sector that they begin in. */
async function after(layout: BootCodeLayout, writes: Readonly<Record<number, Uint8Array>>): Promise<BootCode> {
  const image = Buffer.alloc(8 * MiB);
  image.fill(0xaa, 446, 512);
  const read = (offset: number, length: number) =>
    Promise.resolve(Uint8Array.from(image.subarray(offset, offset + length)));
  const before = await readBootRegions(read, layout);
  for (const [first, bytes] of Object.entries(writes)) image.set(bytes, Number(first) * sector);
  return bootCodeOf(before, await readBootRegions(read, layout), layout);
}

const grubFolder = "/usr/lib/grub/i386-pc";

/** GRUB's own code for the MBR, told where its core begins. */
function grubMbr(coreSector: number): Buffer {
  const code = Buffer.from(readFileSync(`${grubFolder}/boot.img`).subarray(0, 440));
  code.writeBigUInt64LE(BigInt(coreSector), 0x5c);
  return code;
}

/** A core of three sectors: GRUB's own first one, told where the other two are. */
function grubCore(restSector: number): Buffer {
  const core = Buffer.concat([readFileSync(`${grubFolder}/diskboot.img`), Buffer.alloc(2 * sector, 0x5a)]);
  core.writeBigUInt64LE(BigInt(restSector), 0x1f4);
  core.writeUInt16LE(2, 0x1fc);
  return core;
}

function placesOf(code: BootCode): (readonly [number, number])[] | string {
  return code.relocatable ? code.extents.map(({ offset, length }) => [offset, length] as const) : code.reason;
}

test("regions are never a part of a partition table", (t) => {
  for (const table of ["gpt", "msdos"] as const) {
    for (const { offset, length } of bootRegions(disk(table, "bios-grub", "vfat", "ext4"))) {
      t.true(offset + length <= 440 || offset >= (table === "gpt" ? firstPartition * sector : sector));
    }
  }
});

test("nothing was written", async (t) => {
  t.deepEqual(placesOf(await after(disk("msdos", "ext4"), {})), []);
});

test("GRUB in the gap of an MBR disk", async (t) => {
  const code = await after(disk("msdos", "ext4"), { 0: grubMbr(1), 1: grubCore(2) });
  t.deepEqual(placesOf(code), [
    [0, 440],
    [sector, 3 * sector],
  ]);
});

test("the bytes are those of the disk, and end before the table", async (t) => {
  const code = await after(disk("msdos", "ext4"), { 0: grubMbr(1), 1: grubCore(2) });
  const sources = code.relocatable ? code.extents.map(({ source }) => source) : [];
  t.deepEqual(
    sources.map((source) => (source.kind === "bytes" ? Buffer.from(source.bytes) : source.kind)),
    [grubMbr(1), grubCore(2)],
  );
});

test("GRUB in a bios_grub partition", async (t) => {
  const code = await after(disk("gpt", "vfat", "bios-grub", "ext4"), { 0: grubMbr(4096), 4096: grubCore(4097) });
  t.deepEqual(placesOf(code), [
    [0, 440],
    [4096 * sector, 3 * sector],
  ]);
});

test("GRUB with block lists: its core is a file of a filesystem", async (t) => {
  t.regex(String(placesOf(await after(disk("gpt", "ext4"), { 0: grubMbr(3000) }))), /loads its core from sector 3000/);
  const scattered = await after(disk("msdos", "ext4"), { 0: grubMbr(1), 1: grubCore(3000) });
  t.regex(String(placesOf(scattered)), /goes on at sector 3000/);
});

test("code in a boot block holds for one disk only", async (t) => {
  const code = Buffer.from("boot code");
  t.regex(String(placesOf(await after(disk("msdos", "ext4"), { 2048: code }))), /boot block of partition 1/);
  t.regex(String(placesOf(await after(disk("msdos", "ext4", "vfat"), { 4096: code }))), /boot block of partition 2/);
  t.regex(String(placesOf(await after(disk("none", "ext4"), { 0: code }))), /boot block of the filesystem/);
});

test("what a mount changes in a FAT boot sector is no code", async (t) => {
  const marked = Buffer.alloc(66);
  marked[65] = 1;
  t.deepEqual(placesOf(await after(disk("msdos", "vfat"), { 2048: marked })), []);
});

test("other code in the MBR: with its own room, as a chain loader, or unknown", async (t) => {
  const chainLoader = Buffer.from("code Missing operating system.\r\n");
  t.deepEqual(placesOf(await after(disk("msdos", "ext4"), { 0: chainLoader })), [[0, 440]]);
  const own = Buffer.from("own code");
  t.is(placesOf(await after(disk("gpt", "bios-grub"), { 0: own, 2048: own })).length, 2);
  t.regex(String(placesOf(await after(disk("msdos", "ext4"), { 0: own }))), /does not know/);
});
