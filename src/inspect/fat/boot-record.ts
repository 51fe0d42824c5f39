import type { Bytes } from "../../base/units.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { badImage } from "../faults.ts";

/** Where everything lies in a FAT filesystem. */
export interface ReadFatShape {
  readonly bits: 12 | 16 | 32;
  readonly sectorSize: Bytes;
  readonly clusterSize: Bytes;
  readonly clusters: number;
  readonly size: Bytes;
  readonly tablesAt: Bytes;
  readonly tableSize: Bytes;
  readonly tables: number;
  /** FAT12 and FAT16 have their root folder before the clusters, FAT32 in one. */
  readonly rootAt: Bytes;
  readonly rootSize: Bytes;
  readonly rootCluster: number;
  readonly dataAt: Bytes;
}

/** Whether the first sector has the parameters of a FAT filesystem. */
export function isFat(bytes: DiskBytes): boolean {
  if (bytes.size < 512) return false;
  const sector = bytes.read(0, 512);
  const [sectorSize, perCluster, tables] = [sector.readUInt16LE(11), sector[13] ?? 0, sector[16] ?? 0];
  const media = sector[21] ?? 0;
  return (
    [512, 1024, 2048, 4096].includes(sectorSize) &&
    isPowerOfTwo(perCluster) &&
    (tables === 1 || tables === 2) &&
    (media === 0xf0 || media >= 0xf8) &&
    sector.readUInt16LE(14) > 0 &&
    (hasJump(sector) || hasName(sector))
  );
}

/** Lists the faults of a first sector that can be read. */
export function bootRecordFaults(bytes: DiskBytes): string[] {
  const sector = bytes.read(0, 512);
  return hasJump(sector) ? [] : ["its boot sector does not begin with a jump instruction (EB xx 90 or E9)"];
}

/** Whether the sector begins with a jump instruction: firmware and other systems look for one. */
function hasJump(sector: Buffer): boolean {
  return (sector[0] === 0xeb && sector[2] === 0x90) || sector[0] === 0xe9;
}

/** Whether it has the mark of a boot sector, and its type by name. */
function hasName(sector: Buffer): boolean {
  const names = [sector.toString("latin1", 54, 57), sector.toString("latin1", 82, 85)];
  return sector.readUInt16LE(510) === 0xaa55 && names.includes("FAT");
}

/**
 * Reads the boot sector.
 *
 * Source: Microsoft FAT specification, "Boot sector and BPB", "FAT type determination".
 *
 * @throws MkimageError BAD_IMAGE when its numbers contradict each other.
 */
export function readShape(bytes: DiskBytes): ReadFatShape {
  const sector = bytes.read(0, 512);
  const sectorSize = sector.readUInt16LE(11);
  const tables = sector[16] ?? 0;
  const sectorsPerTable = sector.readUInt16LE(22) || sector.readUInt32LE(36);
  const totalSectors = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  const tablesAt = sector.readUInt16LE(14) * sectorSize;
  const rootAt = tablesAt + tables * sectorsPerTable * sectorSize;
  const rootSize = Math.ceil((sector.readUInt16LE(17) * 32) / sectorSize) * sectorSize;
  const dataAt = rootAt + rootSize;
  const clusterSize = (sector[13] ?? 0) * sectorSize;
  const clusters = Math.floor((totalSectors * sectorSize - dataAt) / clusterSize);
  if (clusters < 1) throw badImage("its boot sector leaves no room for files");
  const bits = clusters < 4085 ? 12 : clusters < 65_525 ? 16 : 32;
  const tableSize = sectorsPerTable * sectorSize;
  if (tableSize * 8 < (clusters + 2) * bits) throw badImage("its allocation table is too short for its size");
  const rootCluster = bits === 32 ? sector.readUInt32LE(44) : 0;
  const size = totalSectors * sectorSize;
  const places = { tablesAt, tableSize, tables, rootAt, rootSize, rootCluster, dataAt };
  return { bits, sectorSize, clusterSize, clusters, size, ...places };
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
