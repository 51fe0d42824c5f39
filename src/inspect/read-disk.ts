import { MkimageError } from "../base/errors.ts";
import { endsTellAll } from "../filesystems/registry.ts";
import { findTable } from "../partitions/find-table.ts";
import { type Bytes, MiB } from "../base/units.ts";
import type { GptPartitionFacts, MsdosPartitionFacts, TableFacts } from "../partitions/table-facts.ts";
import { programLimits } from "../image/reading/program-limits.ts";
import type { DiskBytes } from "../image/disk-bytes.ts";
import { isExtendedType } from "../structures/mbr/partition-types.ts";
import { badImage } from "../base/image-faults.ts";
import type { ReadFilesystem } from "./filesystem.ts";
import type { OpenImage } from "../image/reading/open-image.ts";
import { typeByMark } from "./marks.ts";
import { readFilesystem } from "./read-filesystem.ts";
import { readSignature, type Signature } from "../image/reading/signature.ts";

/** A partition, or a disk that is no more than one. */
export interface Volume {
  /** `null`: the whole disk. */
  readonly partition: GptPartitionFacts | MsdosPartitionFacts | null;
  readonly bytes: DiskBytes;
  readonly signature: Signature;
  /** The filesystem in it; `null` where mkimage does not read its type, or could not. */
  readonly filesystem: ReadFilesystem | null;
  /** Why it could not be read. */
  readonly fault: string | null;
}

/** A disk image with its table and whatever of its contents can be read. */
export interface ReadDisk {
  readonly image: OpenImage;
  readonly sectorSize: Bytes;
  readonly table: TableFacts | null;
  /** The faults of the table. */
  readonly tableFaults: readonly string[];
  /** Remarks on the table that are no faults. */
  readonly tableNotes: readonly string[];
  /** Parts of its table that would be lost if that were written anew. */
  readonly unusual?: readonly string[];
  readonly volumes: readonly Volume[];
}

/** Linux has names for no more. Source: Linux, DISK_MAX_PARTS. */
const mostVolumes = 255;
/** Each takes a program to look at: small images have few. */
const volumesOfAny = 32;

/** Reads an open image. Damage is noted where it is found, and the rest is read. */
export async function readDisk(image: OpenImage, signal?: AbortSignal): Promise<ReadDisk> {
  const start = await marksOf(image, { start: 0, size: image.size }, signal);
  const options = { signal, limits: programLimits(0) };
  const { sectorSize, table, faults, notes, unusual } = await findTable(image, start, options);
  const partitions = table?.partitions ?? [];
  const whole = { partition: null, bytes: image.bytes };
  const parts =
    table === null ? [whole] : partitions.filter(holdsData).map((partition) => part(image, partition, sectorSize));
  const most = Math.min(mostVolumes, volumesOfAny + Math.floor(image.size / MiB));
  const tooMany = parts.length > most ? [`only the first ${most} partitions were looked into`] : [];
  const volumes: Volume[] = [];
  for (const { partition, bytes } of parts.slice(0, most)) {
    const size = clipped(bytes, image.size);
    const same = volumes.find((each) => each.bytes.start === bytes.start && each.bytes.size === bytes.size);
    const signature = same?.signature ?? (await signatureOf(image, bytes.part(0, size), signal));
    const content = await readContent(bytes, volumes, signal);
    volumes.push({ partition, bytes, signature, ...content });
  }
  return { image, sectorSize, table, tableFaults: [...faults, ...tooMany], tableNotes: notes, unusual, volumes };
}

function holdsData(partition: GptPartitionFacts | MsdosPartitionFacts): boolean {
  return !isExtendedType(partition.type);
}

function part(image: OpenImage, partition: GptPartitionFacts | MsdosPartitionFacts, sectorSize: Bytes) {
  const { first, last } = partition;
  return { partition, bytes: image.bytes.part(first * sectorSize, (last - first + 1) * sectorSize) };
}

/** The part of a volume that is really there. */
function clipped({ start, size }: DiskBytes, diskSize: Bytes): Bytes {
  return Math.max(0, Math.min(size, diskSize - start));
}

/** The signature that blkid finds, which goes on from a mark to wherever some types have their label. */
async function marksOf(
  { raw }: OpenImage,
  { start, size }: Pick<DiskBytes, "start" | "size">,
  signal: AbortSignal | undefined,
): Promise<Signature> {
  const found = await readSignature(await raw.ends(start, size), start, size, signal);
  if (raw.areWhole || found.type === null || hasAllAtEnds(found.type)) return found;
  return await readSignature(await raw.part(start, size), start, size, signal);
}

/** The members and containers, as blkid names them, that have all it asks for beside their mark. */
const membersWithAllAtEnds = new Set(["LVM2_member", "linux_raid_member", "crypto_LUKS"]);

function hasAllAtEnds(type: string): boolean {
  return endsTellAll(type) || membersWithAllAtEnds.has(type);
}

/** By blkid, or by a mark that it may not know. */
async function signatureOf(image: OpenImage, bytes: DiskBytes, signal?: AbortSignal): Promise<Signature> {
  const found = await marksOf(image, bytes, signal);
  return found.type === null ? { ...found, type: typeByMark(bytes) } : found;
}

/** Reads a filesystem unless it overlaps one that was read: hundreds of partitions can name the same bytes. */
async function readContent(
  bytes: DiskBytes,
  before: readonly Volume[],
  signal: AbortSignal | undefined,
): Promise<Pick<Volume, "filesystem" | "fault">> {
  try {
    const other = before.find(({ filesystem, bytes: own }) => filesystem !== null && overlap(own, bytes));
    if (other !== undefined) throw badImage(`it overlaps partition ${other.partition?.number}, which was read`);
    return { filesystem: (await readFilesystem(bytes, signal)) ?? null, fault: null };
  } catch (error) {
    return { filesystem: null, fault: faultOf(error) };
  }
}

function overlap(one: DiskBytes, other: DiskBytes): boolean {
  return one.start < other.start + other.size && other.start < one.start + one.size;
}

function faultOf(error: unknown): string {
  if (error instanceof MkimageError && (error.code === "BAD_IMAGE" || error.code === "COMMAND_FAILED"))
    return [error.message, ...(error.code === "BAD_IMAGE" ? [] : error.details.slice(1))].join("; ");
  throw error;
}
