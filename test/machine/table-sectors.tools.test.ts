import test from "ava";
import { tableSectorSize } from "../../src/machine/table-sectors.ts";
import { MiB } from "../../src/base/units.ts";
import { diskBySgdisk } from "./gpt-image.ts";

test("a GPT says the size of its sectors by its place", (t) => {
  t.is(tableSectorSize(diskBySgdisk(4 * MiB, "--new=1:0:0"), 4 * MiB), 512);
  const large = Buffer.alloc(MiB);
  large.write("EFI PART", 4096, "latin1");
  t.is(tableSectorSize(large, 4 * MiB), 4096);
});

test("an MBR whose partitions would end behind the image counts in 512 bytes", (t) => {
  t.is(tableSectorSize(diskWithMbr(2048, 6144), 4 * MiB), 512);
  t.is(tableSectorSize(diskWithMbr(16, 32), 4 * MiB), undefined);
});

test("a FAT without a table, or nothing at all, fits any sectors", (t) => {
  const fat = diskWithMbr(2048, 6144);
  fat.fill("This is not a bootable disk. Please", 440);
  fat.writeUInt16LE(0xaa55, 510);
  t.is(tableSectorSize(fat, 4 * MiB), undefined);
  t.is(tableSectorSize(Buffer.alloc(MiB), 4 * MiB), undefined);
  t.is(tableSectorSize(Buffer.alloc(100), 100), undefined);
});

function diskWithMbr(start: number, length: number): Buffer {
  const bytes = Buffer.alloc(MiB);
  bytes[446 + 4] = 0x83;
  bytes.writeUInt32LE(start, 446 + 8);
  bytes.writeUInt32LE(length, 446 + 12);
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}
