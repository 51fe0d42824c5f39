import { MkimageError } from "../base/errors.ts";
import { type Bytes, MiB, type Sectors } from "../base/units.ts";
import { primaryHeaderAt } from "../structures/gpt/header.ts";
import { isOwnTable, isProtective, type MbrSector, protectiveFaults } from "./mbr-sector.ts";
import { type GptCopy, hasGptMark, type ReadableBytes, readGpt } from "./read-gpt.ts";
import type { GptFacts } from "./table-facts.ts";

/** A GPT, by whichever of its copies can be trusted. */
export interface GptDisk {
  readonly sectorSize: Bytes;
  /** `null`: neither copy can be read. */
  readonly table: GptFacts | null;
  /** The faults of the protective MBR and of the primary copy. */
  readonly primaryFaults: readonly string[];
  /** The faults of the backup copy, its absence among them. */
  readonly backupFaults: readonly string[];
  /** Parts of it that are lost with programs that write a table anew, at the usual place and up to the end of the disk. */
  readonly unusual: readonly string[];
}

/**
 * Reads both copies of a GPT, in sectors of 512 or of 4096 bytes; `undefined` where there is none. As in Linux, the copy
 * at the end counts where the one at the beginning is damaged.
 *
 * @param holdsFilesystem whether the disk as a whole is one, at whose end an old copy may have been left.
 */
export function readGptDisk(bytes: ReadableBytes, mbr: MbrSector, holdsFilesystem: boolean): GptDisk | undefined {
  if (isOwnTable(mbr)) return undefined;
  const disks = [512, 4096].map((sectorSize) => readCopies(bytes, sectorSize));
  const isClaimed = isProtective(mbr) || !holdsFilesystem;
  const found =
    disks.find(({ primary }) => isSound(primary)) ??
    disks.find(({ primary, backup }) => isSound(backup) && (isClaimed || primary.isMarked)) ??
    disks.find(({ primary }) => primary.isMarked);
  if (found !== undefined) return judge(found, mbr);
  const [disk] = disks;
  return isProtective(mbr) && disk !== undefined ? judge(disk, mbr) : undefined;
}

/** The finding at the place of a copy. */
interface Found {
  readonly isMarked: boolean;
  /** `undefined`: it cannot be read at all. */
  readonly copy: GptCopy | undefined;
  readonly faults: readonly string[];
}

interface Copies {
  readonly sectorSize: Bytes;
  readonly sectors: Sectors;
  readonly primary: Found;
  readonly backup: Found;
}

function readCopies(bytes: ReadableBytes, sectorSize: Bytes): Copies {
  const last = Math.floor(bytes.size / sectorSize) - 1;
  const look = (at: Sectors): Found => lookAt(bytes, at, sectorSize);
  const [primary, atEnd] = [look(primaryHeaderAt), look(last)];
  // The disk may have grown since it was partitioned.
  const elsewhere = isSound(atEnd) ? undefined : primary.copy?.alternate;
  const backup = elsewhere === undefined || elsewhere === last ? atEnd : look(elsewhere);
  return { sectorSize, sectors: last + 1, primary, backup };
}

function lookAt(bytes: ReadableBytes, at: Sectors, sectorSize: Bytes): Found {
  let isMarked = false;
  try {
    isMarked = hasGptMark(bytes, at, sectorSize);
    const copy = readGpt(bytes, at, sectorSize);
    return { isMarked, copy, faults: copy.faults };
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
    return { isMarked, copy: undefined, faults: [error.message] };
  }
}

function isSound({ copy, faults }: Found): boolean {
  return copy !== undefined && faults.length === 0;
}

function judge({ sectorSize, sectors, primary, backup }: Copies, mbr: MbrSector): GptDisk {
  const isBackupUsed = !isSound(primary) && (isSound(backup) || primary.copy === undefined);
  const table = (isBackupUsed ? backup : primary).copy?.table ?? null;
  const primaryFaults = [
    ...protectiveFaults(mbr),
    ...primary.faults.map((fault) => `the primary table: ${fault}`),
    ...(isBackupUsed && table !== null ? ["the partitions are those of the backup table"] : []),
  ];
  const backupFaults = [...misplaced(primary, sectors - 1), ...faultsOfBackup(primary, backup)];
  return { sectorSize, table, primaryFaults, backupFaults, unusual: unusualIn(primary, sectorSize, sectors - 1) };
}

/** A disk that has grown has its backup elsewhere, and its last sectors are free for all. */
function unusualIn({ copy }: Found, sectorSize: Bytes, last: Sectors): string[] {
  if (copy === undefined) return [];
  const { entriesAt, entrySectors, alternate, table } = copy;
  const usual = primaryHeaderAt + 1;
  const left = last - entrySectors - 1 - table.lastUsable;
  return [
    ...(entriesAt === usual
      ? []
      : [`its entries are in sector ${entriesAt}, not ${usual}, where something else may be, such as a boot loader`]),
    ...(alternate === last && left * sectorSize >= MiB
      ? [`it ends with sector ${table.lastUsable}, and leaves what is behind it on the disk to others`]
      : []),
  ];
}

/** A disk that has grown or was cut off has its backup elsewhere than at its end. */
function misplaced({ copy }: Found, last: Sectors): string[] {
  if (copy === undefined || copy.alternate === last) return [];
  return [`its backup is said to be in sector ${copy.alternate}, the disk ends with sector ${last}`];
}

function faultsOfBackup(primary: Found, backup: Found): string[] {
  const own = backup.faults.map((fault) => `the backup table: ${fault}`);
  if (!isSound(primary) || !isSound(backup)) return own;
  const isSame = JSON.stringify(primary.copy?.table) === JSON.stringify(backup.copy?.table);
  const other = backup.copy?.alternate;
  return [
    ...(isSame ? [] : ["the backup table says something else"]),
    ...(other === primaryHeaderAt ? [] : [`the backup table: its other copy would be in sector ${other}`]),
  ];
}
