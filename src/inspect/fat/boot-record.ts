import type { Bytes } from "../../base/units.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { type FatBits, fatBitsOf, firstCluster } from "../../structures/fat/allocation-table.ts";
import {
  fat32Parameters,
  fatBootLength,
  fatBootSector,
  fatTypeNames,
  hasFatJump,
  isFatMedia,
} from "../../structures/fat/boot-sector.ts";
import { fatEntryLength } from "../../structures/fat/folder-entry.ts";
import { hasBootMark } from "../../structures/mbr/sector.ts";
import { readRecord } from "../../structures/record.ts";
import { badImage } from "../../base/image-faults.ts";

/** Where everything lies in a FAT filesystem. */
export interface ReadFatShape {
  readonly bits: FatBits;
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
  if (bytes.size < fatBootLength) return false;
  const sector = bytes.read(0, fatBootLength);
  const { sectorSize, sectorsPerCluster, tables, media, reservedSectors } = readRecord(fatBootSector, sector);
  return (
    [512, 1024, 2048, 4096].includes(sectorSize) &&
    isPowerOfTwo(sectorsPerCluster) &&
    (tables === 1 || tables === 2) &&
    isFatMedia(media) &&
    reservedSectors > 0 &&
    (hasFatJump(sector) || hasName(sector))
  );
}

/** Lists the faults of a first sector that can be read. */
export function bootRecordFaults(bytes: DiskBytes): string[] {
  const sector = bytes.read(0, fatBootLength);
  return hasFatJump(sector) ? [] : ["its boot sector does not begin with a jump instruction (EB xx 90 or E9)"];
}

/** Whether it has the mark of a boot sector, and its type by name. */
function hasName(sector: Buffer): boolean {
  return hasBootMark(sector) && fatTypeNames(sector).some((name) => name.startsWith("FAT"));
}

/**
 * Reads the boot sector.
 *
 * Source: Microsoft FAT specification, "Boot sector and BPB", "FAT type determination".
 *
 * @throws MkimageError BAD_IMAGE when its numbers contradict each other.
 */
export function readShape(bytes: DiskBytes): ReadFatShape {
  const sector = bytes.read(0, fatBootLength);
  const { sectorSize, tables, ...values } = readRecord(fatBootSector, sector);
  const wide = readRecord(fat32Parameters, sector);
  const tableSize = (values.sectorsPerTable || wide.sectorsPerTable) * sectorSize;
  const size = (values.totalSectors || values.wideTotalSectors) * sectorSize;
  const tablesAt = values.reservedSectors * sectorSize;
  const rootAt = tablesAt + tables * tableSize;
  const rootSize = Math.ceil((values.rootEntries * fatEntryLength) / sectorSize) * sectorSize;
  const dataAt = rootAt + rootSize;
  const clusterSize = values.sectorsPerCluster * sectorSize;
  const clusters = Math.floor((size - dataAt) / clusterSize);
  if (clusters < 1) throw badImage("its boot sector leaves no room for files");
  const bits = fatBitsOf(clusters);
  if (tableSize * 8 < (clusters + firstCluster) * bits)
    throw badImage("its allocation table is too short for its size");
  const rootCluster = bits === 32 ? wide.rootCluster : 0;
  const places = { tablesAt, tableSize, tables, rootAt, rootSize, rootCluster, dataAt };
  return { bits, sectorSize, clusterSize, clusters, size, ...places };
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
