import { type Bytes, GiB, KiB, roundUp, type Sectors } from "../../base/units.ts";
import { type FatBits, fewestClusters, firstCluster } from "../../structures/fat/allocation-table.ts";
import { fatEntryLength } from "../../structures/fat/folder-entry.ts";

export type SectorSize = 512 | 4096;

/** A shape that a FAT filesystem may have: what a driver tells apart by the number of clusters. */
export interface FatShape {
  readonly bits: FatBits;
  readonly sectorsPerCluster: Sectors;
}

/** The parameters of the geometry besides the size. `rootEntries`: how many 32-byte entries the root folder needs. */
export interface FatBounds {
  readonly sectorSize: SectorSize;
  readonly variant: "auto" | FatBits;
  readonly rootEntries: number;
}

/**
 * Where everything lies, in sectors of the filesystem:
 *
 * ```
 * 0            reservedSectors   + 2 × sectorsPerFat   dataStart        totalSectors
 * │ boot sector,      │ FAT │ FAT │ root folder (12, 16)  │ cluster 2, 3, …   │
 * │ FSInfo, backup    │     │     │ rootSectors           │                   │
 * ```
 */
export interface FatGeometry extends FatShape {
  readonly sectorSize: SectorSize;
  readonly totalSectors: Sectors;
  readonly reservedSectors: Sectors;
  readonly sectorsPerFat: Sectors;
  readonly rootSectors: Sectors;
  readonly dataStart: Sectors;
  readonly clusterCount: number;
}

/**
 * How many clusters each kind has. Drivers tell the kinds apart by this number alone, and some are off by a few: the 16
 * numbers on both sides of a limit are left out.
 *
 * Source: Microsoft FAT specification, "FAT type determination".
 */
export const clusterLimits: Readonly<Record<FatBits, { readonly least: number; readonly most: number }>> = {
  12: { least: 1, most: fewestClusters[16] - 1 - 16 },
  16: { least: fewestClusters[16] + 16, most: fewestClusters[32] - 1 - 16 },
  32: { least: fewestClusters[32] + 16, most: 0x0fff_fff4 },
};

/** The largest cluster that a FAT32 filesystem up to a size should have: what Windows and mkfs.fat choose. */
const largestClusters: readonly (readonly [upTo: Bytes, cluster: Bytes])[] = [
  [8 * GiB, 4 * KiB],
  [16 * GiB, 8 * KiB],
  [32 * GiB, 16 * KiB],
  [Infinity, 32 * KiB],
];

const clusterSizes: readonly Bytes[] = [512, 1, 2, 4, 8, 16, 32].map((size) => (size === 512 ? size : size * KiB));

/** The shapes that `bounds` allow, the one to be preferred first: FAT32 wherever its clusters fit. */
export function allowedShapes({ sectorSize, variant }: FatBounds): FatShape[] {
  const perCluster = clusterSizes.filter((size) => size >= sectorSize).map((size) => size / sectorSize);
  const shapes: FatShape[] = [
    ...perCluster.toReversed().map((sectorsPerCluster) => ({ bits: 32 as const, sectorsPerCluster })),
    ...perCluster.map((sectorsPerCluster) => ({ bits: 16 as const, sectorsPerCluster })),
    ...perCluster.map((sectorsPerCluster) => ({ bits: 12 as const, sectorsPerCluster })),
  ];
  return shapes.filter(({ bits }) => variant === "auto" || variant === bits);
}

/** The geometry of a filesystem in `available` sectors, or `undefined` where no shape has a legal number of clusters. */
export function chooseGeometry(available: Sectors, bounds: FatBounds): FatGeometry | undefined {
  const largest = largestCluster(available * bounds.sectorSize);
  return allowedShapes(bounds)
    .filter((shape) => shape.bits !== 32 || shape.sectorsPerCluster * bounds.sectorSize <= largest)
    .map((shape) => geometryOf(shape, available, bounds))
    .find(isLegal);
}

/** The fewest sectors that give a shape `clusterCount` clusters. */
export function sectorsFor(shape: FatShape, clusterCount: number, bounds: FatBounds): Sectors {
  return placeData(shape, clusterCount, bounds).dataStart + clusterCount * shape.sectorsPerCluster;
}

/** The largest sizes before the choice of a shape may change, besides those that `clusterLimits` give. */
export const clusterSteps: readonly Bytes[] = largestClusters.map(([upTo]) => upTo).filter(Number.isFinite);

function largestCluster(size: Bytes): Bytes {
  return largestClusters.find(([upTo]) => size <= upTo)?.[1] ?? 32 * KiB;
}

function isLegal({ bits, clusterCount, totalSectors }: FatGeometry): boolean {
  if (totalSectors >= 2 ** 32) return false;
  return clusterCount >= clusterLimits[bits].least && clusterCount <= clusterLimits[bits].most;
}

/**
 * Drivers count the clusters from `totalSectors`, and the tables must have room for as many. So it ends with the last
 * cluster, a few sectors before the partition does.
 */
function geometryOf(shape: FatShape, available: Sectors, bounds: FatBounds): FatGeometry {
  const clusterCount = largestCount(shape, available, bounds);
  const totalSectors = sectorsFor(shape, clusterCount, bounds);
  return {
    ...shape,
    ...placeData(shape, clusterCount, bounds),
    sectorSize: bounds.sectorSize,
    totalSectors,
    clusterCount,
  };
}

/** The largest number of clusters whose tables and data fit: `sectorsFor` the other way round. */
function largestCount(shape: FatShape, available: Sectors, bounds: FatBounds): number {
  let fits = 0;
  let tooMany = Math.floor(available / shape.sectorsPerCluster) + 1;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (sectorsFor(shape, middle, bounds) <= available) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

/** Clusters begin on a multiple of their size, and of 4096 bytes: padding goes into the reserved sectors. */
function placeData(
  { bits, sectorsPerCluster }: FatShape,
  clusterCount: number,
  { sectorSize, rootEntries }: FatBounds,
) {
  const sectorsPerFat = Math.ceil(Math.ceil(((clusterCount + firstCluster) * bits) / 8) / sectorSize);
  const rootSectors = bits === 32 ? 0 : Math.ceil((Math.max(512, rootEntries) * fatEntryLength) / sectorSize);
  const tables = 2 * sectorsPerFat + rootSectors;
  const dataStart = roundUp((bits === 32 ? 32 : 1) + tables, Math.max(sectorsPerCluster, 4096 / sectorSize));
  return { reservedSectors: dataStart - tables, sectorsPerFat, rootSectors, dataStart };
}
