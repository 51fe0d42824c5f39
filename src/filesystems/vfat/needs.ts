import { MkimageError } from "../../base/errors.ts";
import type { Bytes, Sectors } from "../../base/units.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import { type FatBits, firstCluster } from "../../structures/fat/allocation-table.ts";
import { allocate } from "./allocation.ts";
import {
  allowedShapes,
  chooseGeometry,
  clusterLimits,
  clusterSteps,
  type FatBounds,
  type FatShape,
  sectorsFor,
  type SectorSize,
} from "./geometry.ts";
import { checkLabel } from "./label.ts";
import { type FatFolder, fatTree } from "./tree.ts";

/** The parameters that decide the size of a FAT filesystem, besides its files. */
export interface FatShapeOptions {
  /** Up to 11 characters; empty for none. */
  readonly label: string;
  readonly sectorSize: SectorSize;
  /** `auto`: FAT32 wherever it fits, else FAT16, else FAT12. */
  readonly variant: "auto" | FatBits;
}

/** The contents that a FAT filesystem must hold, and the bounds of its geometry. */
export interface FatNeeds {
  readonly tree: FatFolder;
  /** 1 where the root has a label, else 0. */
  readonly labelEntries: number;
  readonly bounds: FatBounds;
}

/**
 * The smallest size, in bytes, at which `planFat` leaves at least `additionalSpace` bytes free.
 *
 * @throws MkimageError BAD_REQUEST for paths and labels that FAT cannot hold, DOES_NOT_FIT where no size is enough.
 */
export function smallestFatSize(root: DirectoryInode, additionalSpace: Bytes, options: FatShapeOptions): Bytes {
  return smallestSize(fatNeeds(root, options), additionalSpace);
}

/** @throws MkimageError BAD_REQUEST for paths and labels that FAT cannot hold. */
export function fatNeeds(root: DirectoryInode, { label, sectorSize, variant }: FatShapeOptions): FatNeeds {
  checkLabel(label);
  const tree = fatTree(root);
  const labelEntries = label === "" ? 0 : 1;
  return { tree, labelEntries, bounds: { sectorSize, variant, rootEntries: tree.entryCount + labelEntries } };
}

/** As `smallestFatSize`, for needs that are known. */
export function smallestSize(needs: FatNeeds, additionalSpace: Bytes): Bytes {
  const sizes = decisiveSizes(needs, additionalSpace).sort((a, b) => a - b);
  const smallest = sizes.find((sectors) => isEnough(needs, sectors, additionalSpace));
  if (smallest !== undefined) return smallest * needs.bounds.sectorSize;
  throw new MkimageError("DOES_NOT_FIT", "these files are more than any FAT filesystem of this kind holds", {
    hint: "leave the kind of FAT to mkimage, or put the files on another filesystem",
  });
}

/**
 * Free space grows with the size as long as the shape stays the same. So the smallest size is one at which a shape has
 * just enough clusters, or one at which the choice of the shape changes.
 */
function decisiveSizes(needs: FatNeeds, additionalSpace: Bytes): Sectors[] {
  const { bounds } = needs;
  const ofShapes = allowedShapes(bounds).flatMap((shape) => {
    const { least, most } = clusterLimits[shape.bits];
    const counts = [clustersFor(needs, shape, additionalSpace), least, most + 1];
    return counts.map((count) => sectorsFor(shape, count, bounds));
  });
  return [...ofShapes, ...clusterSteps.map((size) => size / bounds.sectorSize + 1)];
}

function isEnough(needs: FatNeeds, sectors: Sectors, additionalSpace: Bytes): boolean {
  const geometry = chooseGeometry(sectors, needs.bounds);
  return geometry !== undefined && clustersFor(needs, geometry, additionalSpace) <= geometry.clusterCount;
}

function clustersFor({ tree, labelEntries, bounds }: FatNeeds, shape: FatShape, additionalSpace: Bytes): number {
  const clusterSize = shape.sectorsPerCluster * bounds.sectorSize;
  const { next } = allocate(tree, shape.bits, clusterSize, labelEntries);
  return next - firstCluster + Math.ceil(additionalSpace / clusterSize);
}
