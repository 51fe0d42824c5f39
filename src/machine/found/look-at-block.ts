import { MkimageError } from "../../base/errors.ts";
import { type Bytes, MiB } from "../../base/units.ts";
import type { BlockFacts } from "../../devices/found/facts.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import type { RawViews } from "../../image/reading/raw-views.ts";
import { programLimits } from "../../image/reading/program-limits.ts";
import { readMarks, readSignature } from "../../image/reading/signature.ts";
import { findTable } from "../../partitions/find-table.ts";
import { mbrLength, readMbrEntries } from "../../structures/mbr/sector.ts";

/** A block device, or a part of an image, where its bytes can be read. */
interface BlockSource {
  readonly raw: Pick<RawViews, "whole" | "ends">;
  readonly bytes: DiskBytes;
  /** Of the device; in an image the table says it. */
  readonly sectorSize: Bytes | undefined;
}

type BlockLook = Pick<
  BlockFacts,
  "mark" | "table" | "mbr" | "hasBytes" | "sectorSize" | "faults" | "damage" | "unusual"
>;

/** Looks at what a device holds: marks and a table. What cannot be read is among the faults. */
export async function lookAtBlock(source: BlockSource, signal?: AbortSignal): Promise<BlockLook> {
  try {
    return await look(source, signal);
  } catch (error) {
    return { ...nothing, sectorSize: source.sectorSize ?? 512, faults: [`it cannot be read: ${reasonOf(error)}`] };
  }
}

const nothing: Omit<BlockLook, "sectorSize" | "faults"> = {
  mark: { type: null, version: null, label: null, uuid: null, rivals: [] },
  table: null,
  mbr: [],
};

async function look({ raw, bytes, sectorSize }: BlockSource, signal: AbortSignal | undefined): Promise<BlockLook> {
  bytes.read(0, Math.min(bytes.size, edge));
  const path = await raw.ends(0, bytes.size);
  const { table: tableType, ...mark } = await readSignature(path, 0, bytes.size, signal);
  const found = await findTable({ raw, bytes }, { ...mark, table: tableType }, { signal, limits: programLimits(0) });
  const isBlank = mark.type === null && tableType === null && found.table === null;
  const rivals = isBlank ? await readMarks(path, signal) : [];
  const size = sectorSize ?? found.sectorSize;
  // What lies on an array, or in a pool, may begin where a member of it does.
  const table = mark.type?.endsWith("_member") === true ? null : found.table;
  const isOther = table?.kind === "gpt" && found.sectorSize !== size;
  return {
    mark: { ...mark, rivals: rivals.length > 1 ? rivals : [] },
    table,
    mbr: table === null ? [] : mbrPartitions(bytes),
    ...(isBlank ? { hasBytes: hasBytes(bytes) } : {}),
    sectorSize: size,
    damage: found.faults.filter((fault) => !found.backupFaults.includes(fault)),
    unusual: found.unusual,
    faults: [
      ...faultsAtEnd(bytes),
      ...found.faults,
      ...found.notes,
      ...(isOther ? [`its table is for sectors of ${found.sectorSize} bytes, and it has sectors of ${size}`] : []),
    ],
  };
}

/** A program that looks for marks takes what it cannot read for nothing; some marks are at the end. */
const edge = 4096;

function faultsAtEnd(bytes: DiskBytes): string[] {
  try {
    const length = Math.min(bytes.size, edge);
    bytes.read(bytes.size - length, length);
    return [];
  } catch (error) {
    return [`its end cannot be read: ${reasonOf(error)}`];
  }
}

/** Whether there are bytes that may be somebody's, though no mark says so. Bytes that cannot be read count. */
function hasBytes(bytes: DiskBytes): boolean {
  const length = Math.min(bytes.size, MiB);
  try {
    return [0, bytes.size - length].some((position) => bytes.read(position, length).some((byte) => byte !== 0));
  } catch {
    return true;
  }
}

/** The used entries of a disk's first sector. */
export function mbrPartitions(bytes: DiskBytes): BlockFacts["mbr"] {
  const entries = readMbrEntries(bytes.read(0, mbrLength)).filter(({ type }) => type !== 0);
  return entries.map(({ type, status, first, count }) => ({ type, active: status === 0x80, first, count }));
}

/** The reason for which a device or a program says nothing. */
export function reasonOf(error: unknown): string {
  if (error instanceof MkimageError) return [error.message, ...error.details.slice(1)].join("; ");
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return message;
}
