import type { FileHandle } from "node:fs/promises";
import { guidBytes } from "../../base/guid.ts";
import { crc32c, crc32cStart } from "../../base/crc32c.ts";
import { MkimageError } from "../../base/errors.ts";
import { type Bytes, KiB, TiB } from "../../base/units.ts";
import { writeFully } from "../file-output.ts";
import { converted } from "./convert.ts";
import type { HeaderIdentity, ImageFormat, ImageReader } from "./format.ts";
import { readHeader } from "./header.ts";

/** Hyper-V. */
export const vhdx: ImageFormat = {
  ending: "vhdx",
  largest: 64 * TiB,
  ...converted({ name: "vhdx", driver: "vhdx", options: ["subformat=dynamic"], normalise }),
};

export const vhdxReader: ImageReader = { endings: [".vhdx"], isCheckable: true, readsPastEnd: false };

const headerSize = 4 * KiB;
const headerOffsets = [64 * KiB, 128 * KiB];
const regionTableOffset = 192 * KiB;
const tableSize = 64 * KiB;
const metadataRegion = guidBytes("8b7ca206-4790-4b9a-b8fe-575f050f886e");
const pageNumber = guidBytes("beca12ab-b2e6-4523-93ef-c309e000c746");

/** The file's identifier is `vhdxfile` and the name of its creator, 512 bytes of UTF-16, in which QEMU puts its version. */
const creator = { offset: 8, length: 512 };

/**
 * The creator; both headers (sequence number, GUIDs, checksum), the log, whose entries are done with, and the disk's
 * identifier ("page 83 data").
 *
 * Source: Microsoft, [MS-VHDX], sections 2.2.1 "File Type Identifier", 2.2.2 "Headers", 2.2.3 "Region Table", 2.3 "Log",
 * 2.6.2 "Known Metadata Items".
 */
async function normalise(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  await readHeader(file, 0, creator.offset, "vhdxfile");
  await writeFully(file, Buffer.alloc(creator.length), creator.offset);
  await normaliseHeaders(file, identity);
  const diskIdentifier = await findDiskIdentifier(file);
  await writeFully(file, guidBytes(identity.uuid("vhdx disk")), diskIdentifier);
}

/** The header with the higher sequence number counts. qemu-img begins at a random one: here it is 1, then 2. */
async function normaliseHeaders(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  const headers = await Promise.all(
    headerOffsets.map(async (offset) => ({ offset, header: await readHeader(file, offset, headerSize, "head") })),
  );
  headers.sort((a, b) => Number(a.header.readBigUInt64LE(8) - b.header.readBigUInt64LE(8)));
  for (const [index, { offset, header }] of headers.entries()) {
    if (!header.subarray(48, 64).equals(Buffer.alloc(16))) throw unknown("its log has not been replayed");
    await clearLog(file, Number(header.readBigUInt64LE(72)), header.readUInt32LE(68));
    header.writeBigUInt64LE(BigInt(index + 1), 8);
    header.set(guidBytes(identity.uuid("vhdx file write")), 16);
    header.set(guidBytes(identity.uuid("vhdx data write")), 32);
    header.writeUInt32LE(0, 4);
    header.writeUInt32LE(~crc32c(crc32cStart, header) >>> 0, 4);
    await writeFully(file, header, offset);
  }
}

/** A log without a GUID in the header is never looked at: its old entries may go. */
function clearLog(file: FileHandle, offset: Bytes, length: Bytes): Promise<void> {
  return writeFully(file, Buffer.alloc(length), offset);
}

async function findDiskIdentifier(file: FileHandle): Promise<Bytes> {
  const regions = await readHeader(file, regionTableOffset, tableSize, "regi");
  const region = entryOf(regions, 16, regions.readUInt32LE(8), metadataRegion);
  const start = Number(region.readBigUInt64LE(16));
  const items = await readHeader(file, start, tableSize, "metadata");
  return start + entryOf(items, 32, items.readUInt16LE(10), pageNumber).readUInt32LE(16);
}

/** The entry of 32 bytes that begins with a GUID. */
function entryOf(table: Buffer, start: number, count: number, guid: Buffer): Buffer {
  for (let index = 0; index < count; index += 1) {
    const entry = table.subarray(start + index * 32, start + (index + 1) * 32);
    if (entry.subarray(0, 16).equals(guid)) return entry;
  }
  throw unknown("a table lacks an entry");
}

function unknown(why: string): MkimageError {
  return new MkimageError("BAD_IMAGE", `the converted vhdx image is not as qemu-img leaves one: ${why}`);
}
