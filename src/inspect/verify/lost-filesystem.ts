import type { DiskBytes } from "../../image/disk-bytes.ts";
import { hasExtMagic } from "../ext4/superblock.ts";
import { isFat } from "../fat/boot-record.ts";
import type { Bytes } from "../../base/units.ts";
import {
  dynamicRevision,
  extErrorBehaviours,
  extSuperblock,
  mostLogBlockSize,
  superblockAt,
  superblockLength,
} from "../../structures/ext4/superblock.ts";
import { fat32Sectors, fatBootLength, fatTypeNames } from "../../structures/fat/boot-sector.ts";
import { readRecord } from "../../structures/record.ts";
import { hasBootMark } from "../../structures/mbr/sector.ts";

/**
 * Describes the remains of an ext or FAT filesystem whose first structure is damaged, so that its magic number does not
 * identify it: the rest of that structure, or its backup copy. `undefined` where there is no sign of a filesystem.
 */
export function lostFilesystem(bytes: DiskBytes): string | undefined {
  return lostExt(bytes) ?? lostFat(bytes);
}

/** Source: kernel.org, filesystems/ext4, "The Super Block", "Layout". Copies stand at the beginning of group 1. */
function lostExt(bytes: DiskBytes): string | undefined {
  if (isShapedLikeExt(bytes, superblockAt)) return "an ext filesystem whose superblock has lost its mark";
  for (const blockSize of [1024, 2048, 4096, 65_536]) {
    const at = (blockSize * 8 + (blockSize === 1024 ? 1 : 0)) * blockSize;
    const copy = bytes.part(at - superblockAt, bytes.size - (at - superblockAt));
    if (at + superblockLength > bytes.size || !hasExtMagic(copy)) continue;
    if (extSuperblock.group.read(bytes.read(at, superblockLength)) !== 1) continue;
    return `an ext filesystem without its superblock, of which byte ${at} has a copy`;
  }
  return undefined;
}

/** Fields that have few values, all of them in their places. */
function isShapedLikeExt(bytes: DiskBytes, at: Bytes): boolean {
  if (bytes.size < at + superblockLength) return false;
  const raw = readRecord(extSuperblock, bytes.read(at, superblockLength));
  const { logBlockSize, errors, blocksPerGroup } = raw;
  return (
    logBlockSize <= mostLogBlockSize &&
    raw.firstDataBlock === (logBlockSize === 0 ? 1 : 0) &&
    errors >= extErrorBehaviours.continue &&
    errors <= extErrorBehaviours.panic &&
    raw.revision <= dynamicRevision &&
    raw.creator <= 4 &&
    raw.inodes > 0 &&
    raw.inodesPerGroup > 0 &&
    blocksPerGroup > 0 &&
    blocksPerGroup <= 8 * (1024 << logBlockSize)
  );
}

/** A FAT32 keeps a copy of its boot sector. */
function lostFat(bytes: DiskBytes): string | undefined {
  if (bytes.size < fatBootLength) return undefined;
  const sector = bytes.read(0, fatBootLength);
  if (hasBootMark(sector) && fatTypeNames(sector).some((name) => /^FAT(12|16|32|  )/.test(name)))
    return "a FAT filesystem whose boot sector makes no sense";
  const { backupSector } = fat32Sectors;
  const copyAt = backupSector * fatBootLength;
  if (bytes.size < copyAt + fatBootLength || !isFat(bytes.part(copyAt, fatBootLength))) return undefined;
  return `a FAT filesystem without its boot sector, of which sector ${backupSector} has a copy`;
}
