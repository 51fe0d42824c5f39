import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { type Extent, bytesExtent } from "../image/extent.ts";
import type { DiskLayout } from "../layout/layout.ts";
import type { Bytes } from "../base/units.ts";
import { mbrSector } from "../structures/mbr/sector.ts";
import { gptBytes } from "./gpt.ts";
import { logicalRecords } from "./logical-records.ts";
import { writeTable } from "./write-table.ts";

/** Where the boot code of sector 0 ends, and what partition tables say begins. */
const bootCodeLength = mbrSector.bootCode.length;

/**
 * The bytes of a disk's partition table: both copies of a GPT, or the msdos table with the records of its logical
 * partitions. The boot code (bytes 0 to 439) is not among them. sfdisk writes the table into a sparse file in
 * `scratchFolder`, where it is read back and held against the plan; for sectors of 4096 bytes, which sfdisk does not
 * know in files, the bytes are our own.
 *
 * @throws MkimageError MISMATCH, COMMAND_FAILED as `writeTable`; BAD_REQUEST for an msdos table with 4096-byte sectors.
 */
export async function tableExtents(disk: DiskLayout, scratchFolder: string): Promise<Extent[]> {
  if (disk.table === null) return [];
  if (disk.sectorSize === 512) return scratchExtents(disk, join(scratchFolder, `${disk.name}.table`));
  if (disk.table.kind === "gpt") {
    const { primary, backup } = gptBytes(disk.table, disk.size / disk.sectorSize, disk.sectorSize);
    return [
      bytesExtent(bootCodeLength, primary.subarray(bootCodeLength)),
      bytesExtent(disk.size - backup.length, backup),
    ];
  }
  throw new MkimageError("BAD_REQUEST", `disk ${disk.name}: an msdos table needs sectors of 512 bytes`, {
    hint: "take a gpt, or sectors of 512 bytes",
  });
}

async function scratchExtents(disk: DiskLayout, path: string): Promise<Extent[]> {
  const { table, size } = disk;
  if (table === null) return [];
  const file = await open(path, "wx+", 0o600);
  try {
    await file.truncate(size);
    await writeTable(table, path);
    return await Promise.all(spansOf(disk).map(({ offset, length }) => readExtent(file, offset, length)));
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

interface ByteSpan {
  readonly offset: Bytes;
  readonly length: Bytes;
}

function spansOf({ table, size, sectorSize }: DiskLayout): ByteSpan[] {
  if (table?.kind === "gpt") {
    const end = (table.lastUsable + 1) * sectorSize;
    return [
      { offset: bootCodeLength, length: table.firstUsable * sectorSize - bootCodeLength },
      { offset: end, length: size - end },
    ];
  }
  const records = table === null ? [] : logicalRecords(table);
  return [
    { offset: bootCodeLength, length: sectorSize - bootCodeLength },
    ...records.map((sector) => ({ offset: sector * sectorSize, length: sectorSize })),
  ];
}

async function readExtent(file: FileHandle, offset: Bytes, length: Bytes): Promise<Extent> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  if (bytesRead === length) return bytesExtent(offset, bytes);
  throw new MkimageError("INTERNAL", `the scratch file of a partition table ends at ${offset + bytesRead}`);
}
