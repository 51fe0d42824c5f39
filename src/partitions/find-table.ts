import { MkimageError } from "../base/errors.ts";
import type { Bytes, Sectors } from "../base/units.ts";
import type { RawViews } from "../image/reading/raw-views.ts";
import { isExtendedType } from "../structures/mbr/partition-types.ts";
import type { RunOptions } from "../runtime/run.ts";
import { primaryHeaderAt } from "../structures/gpt/header.ts";
import { type GptDisk, readGptDisk } from "./gpt-disk.ts";
import { isEmptyTable, isOwnTable, isUnmarkedTable, type MbrSector, readMbrSector } from "./mbr-sector.ts";
import { hasGptMark, type ReadableBytes } from "./read-gpt.ts";
import { examineTable } from "./read-table.ts";
import type { TableFacts } from "./table-facts.ts";

/** The partition table of a disk, whatever its kind, and its faults. */
interface FoundTable {
  readonly sectorSize: Bytes;
  /** `null`: there is none, or it cannot be read. */
  readonly table: TableFacts | null;
  readonly faults: readonly string[];
  /** Of these, those of what is written anew when a disk is written. */
  readonly backupFaults: readonly string[];
  readonly notes: readonly string[];
  /** Parts of it that would be lost if it were written anew. */
  readonly unusual: readonly string[];
}

interface RawDisk {
  readonly raw: Pick<RawViews, "whole" | "ends">;
  readonly bytes: ReadableBytes;
}

/** The signatures of the disk as a whole. */
interface DiskSignature {
  /** Of a filesystem or another content. */
  readonly type: string | null;
  /** Of a table: `dos` for an MBR. */
  readonly table: string | null;
}

/** Finds the partition table of a raw disk. A GPT is read by ourselves, in sectors of either size; an MBR by sfdisk. */
export async function findTable(
  { raw, bytes }: RawDisk,
  { type, table }: DiskSignature,
  options: RunOptions = {},
): Promise<FoundTable> {
  const mbr = readMbrSector(bytes);
  const gpt = readGptDisk(bytes, mbr, type !== null);
  if (gpt !== undefined) return ofGpt(gpt);
  if (table === "dos" && (mbr.entries.length > 0 || isEmptyTable(mbr)))
    return { ...(await readMbrTable(await viewOf(raw, bytes, mbr), options)), notes: remains(bytes, mbr) };
  const isUnmarked = type === null && isUnmarkedTable(mbr, Math.floor(bytes.size / 512));
  return {
    ...nothing,
    faults: isUnmarked ? ["the first sector has the entries of an MBR, and not its mark 55AA"] : [],
  };
}

const nothing: FoundTable = { sectorSize: 512, table: null, faults: [], backupFaults: [], notes: [], unusual: [] };

function ofGpt({ sectorSize, table, primaryFaults, backupFaults, unusual }: GptDisk): FoundTable {
  return { sectorSize, table, faults: [...primaryFaults, ...backupFaults], backupFaults, notes: [], unusual };
}

/** Logical partitions are described where they are. */
function viewOf(raw: RawDisk["raw"], { size }: ReadableBytes, { entries }: MbrSector): Promise<string> {
  return entries.some(({ type }) => isExtendedType(type)) ? raw.whole() : raw.ends(0, size);
}

async function readMbrTable(raw: string, options: RunOptions): Promise<FoundTable> {
  try {
    return { ...nothing, ...(await examineTable(raw, options)) };
  } catch (error) {
    if (!(error instanceof MkimageError)) throw error;
    if (error.code === "BAD_IMAGE") return { ...nothing, faults: [error.message] };
    if (error.code !== "COMMAND_FAILED") throw error;
    return { ...nothing, faults: [[error.message, ...error.details.slice(1)].join("; ")] };
  }
}

/** A program that looks for a GPT first takes the old one for the table. */
function remains(bytes: ReadableBytes, mbr: MbrSector): string[] {
  const last = Math.floor(bytes.size / 512) - 1;
  const isThere = isOwnTable(mbr) && [primaryHeaderAt, last].some((at) => showsGptMark(bytes, at));
  return isThere ? ["a GPT from before is still there"] : [];
}

/** Returns false for a sector that cannot be read. */
function showsGptMark(bytes: ReadableBytes, at: Sectors): boolean {
  try {
    return hasGptMark(bytes, at, 512);
  } catch (error) {
    if (error instanceof MkimageError && error.code === "BAD_IMAGE") return false;
    throw error;
  }
}
