import { bytesExtent, type Extent, type Run, shiftExtents } from "../../image/extent.ts";
import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize, type Sectors } from "../../base/units.ts";
import { contentExtents } from "../../manifest/content-extents.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import { type FatBits, firstCluster } from "../../structures/fat/allocation-table.ts";
import { type FatAllocation, allocate } from "./allocation.ts";
import { tableBytes } from "./allocation-table.ts";
import { reservedBytes } from "./boot-sector.ts";
import { folderBytes, rootBytes } from "./folder-bytes.ts";
import { chooseGeometry, type FatGeometry } from "./geometry.ts";
import { type FatNeeds, fatNeeds, type FatShapeOptions, smallestSize } from "./needs.ts";

export interface FatOptions extends FatShapeOptions {
  /** 32 bits; what Linux shows as the UUID `1234-ABCD`. */
  readonly volumeId: number;
  /** Seconds since 1970: the label's time. */
  readonly time: number;
  /** How many sectors lie before the filesystem on its disk. Default: 0, for a disk without partitions. */
  readonly hiddenSectors?: Sectors;
}

/** A FAT filesystem, solved. */
interface FatPlan {
  readonly size: Bytes;
  readonly kind: `FAT${FatBits}`;
  readonly clusterSize: Bytes;
  readonly freeBytes: Bytes;
  /** Every byte that is not zero, in ascending order. */
  readonly extents: () => Iterable<Extent>;
  /** Where the filesystem has something; the rest may hold anything. */
  readonly occupied: () => Run[];
}

/**
 * Lays out a FAT filesystem of exactly `size` bytes with the files of a manifest. The same input gives the same bytes.
 *
 * @throws MkimageError BAD_REQUEST for paths, labels and sizes that FAT cannot hold, DOES_NOT_FIT with the size that is
 *   needed.
 */
export function planFat(root: DirectoryInode, size: Bytes, options: FatOptions): FatPlan {
  const needs = fatNeeds(root, options);
  const geometry = chooseGeometry(sectorsOf(size, options.sectorSize), needs.bounds);
  if (geometry === undefined) throw doesNotFit(needs, size);
  const clusterSize = geometry.sectorsPerCluster * geometry.sectorSize;
  const allocation = allocate(needs.tree, geometry.bits, clusterSize, needs.labelEntries);
  const free = geometry.clusterCount - (allocation.next - firstCluster);
  if (free < 0) throw doesNotFit(needs, size);
  return {
    size,
    kind: `FAT${geometry.bits}`,
    clusterSize,
    freeBytes: free * clusterSize,
    extents: () => fatExtents(geometry, allocation, options),
    occupied: () => [{ offset: 0, length: offsetOf(allocation.next, geometry) }],
  };
}

function* fatExtents(geometry: FatGeometry, allocation: FatAllocation, options: FatOptions): Generator<Extent> {
  const { sectorSize, clusterCount, reservedSectors, sectorsPerFat } = geometry;
  const count = clusterCount - (allocation.next - firstCluster);
  const free = { count, next: count === 0 ? 0xffff_ffff : allocation.next };
  yield bytesExtent(0, reservedBytes(geometry, { hiddenSectors: 0, ...options }, free));
  const table = tableBytes(allocation, geometry.bits);
  yield bytesExtent(reservedSectors * sectorSize, table);
  yield bytesExtent((reservedSectors + sectorsPerFat) * sectorSize, table);
  yield* folderExtents(geometry, allocation, options);
  for (const file of allocation.files) {
    yield* shiftExtents(contentExtents(file.inode), offsetOf(allocation.runs.get(file)?.first ?? 0, geometry));
  }
}

function* folderExtents(geometry: FatGeometry, allocation: FatAllocation, options: FatOptions): Generator<Extent> {
  for (const placed of allocation.folders) {
    const { folder, parent } = placed;
    const bytes =
      parent === undefined
        ? rootBytes(folder, options.label, options.time, allocation)
        : folderBytes(placed, allocation);
    yield bytesExtent(offsetOf(allocation.runs.get(folder)?.first ?? 0, geometry), bytes);
  }
}

/** Where a cluster begins. Number 0 stands for the root of FAT12 and FAT16, which lies before the first one. */
function offsetOf(cluster: number, geometry: FatGeometry): Bytes {
  const { sectorSize, sectorsPerCluster, dataStart, rootSectors } = geometry;
  const sector = cluster === 0 ? dataStart - rootSectors : dataStart + (cluster - firstCluster) * sectorsPerCluster;
  return sector * sectorSize;
}

function sectorsOf(size: Bytes, sectorSize: number): Sectors {
  const sectors = size / sectorSize;
  if (Number.isInteger(sectors) && sectors < 2 ** 32) return sectors;
  throw new MkimageError("BAD_REQUEST", `a FAT filesystem of ${size} bytes is not possible`, {
    hint: `choose a multiple of ${sectorSize} bytes below ${formatSize(2 ** 32 * sectorSize)}`,
  });
}

function doesNotFit(needs: FatNeeds, size: Bytes): MkimageError {
  const least = smallestSize(needs, 0);
  return new MkimageError("DOES_NOT_FIT", `a FAT filesystem of ${formatSize(size)} is too small for its files`, {
    hint: `give it at least ${least} bytes (${formatSize(least)})`,
  });
}
