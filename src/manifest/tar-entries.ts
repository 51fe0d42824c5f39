import { roundUp } from "../base/units.ts";
import { MkimageError } from "../base/errors.ts";
import type { BlockReader } from "./block-reader.ts";
import { type ByteString, textOf } from "../base/byte-string.ts";
import type { FileInode } from "./inode.ts";
import { fileOf } from "./tar-content.ts";
import { entryFault } from "./tar-fault.ts";
import { parseTarHeader, tarBlock, type TarHeader } from "./tar-header.ts";
import { parsePaxRecords, type PaxRecord, type PaxRecords, paxNumber, paxValue } from "./tar-pax.ts";

/** A header with everything that stood before it. */
export interface TarEntry {
  readonly header: TarHeader;
  readonly records: PaxRecords;
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly file: Pick<FileInode, "size" | "content">;
}

/** The extended header and long names that precede an entry and apply to it. */
interface Announced {
  records?: PaxRecords;
  name?: ByteString;
  linkName?: ByteString;
}

/** No archive needs more, and what comes before an entry is read into memory. */
const longestRecords = 16 * 1024 * 1024;
const longestName = 4096;
/** Of those that hold for all entries: they are looked through for each. */
const mostShared = 1000;

/**
 * The entries of an archive in their order, long names, extended headers and sparse maps taken in.
 *
 * @throws MkimageError BAD_REQUEST when it is no tar archive, is cut off, or an entry is damaged.
 */
export function* tarEntries(reader: BlockReader, archiveSize: number): Generator<TarEntry> {
  const shared = new Map<ByteString, PaxRecord>();
  let announced: Announced = {};
  for (let position = 0; ;) {
    if (position === archiveSize) throw endless(reader);
    const header = parseTarHeader(reader.read(position, tarBlock), position);
    if (header === undefined) return requireEnd(reader, position, archiveSize, announced);
    const records = [...shared.values(), ...(announced.records ?? [])];
    const name = nameOf(header, records, announced);
    const start = position + tarBlock;
    const size = sizeOf(header, records, name);
    if (start + size > archiveSize)
      throw entryFault(name, `the archive is cut off: ${size} bytes should follow byte ${start}, of ${archiveSize}`);
    position = start + roundUp(size, tarBlock);
    if (header.type === "g") share(shared, readRecords(reader, start, size, name), name);
    else if (header.type === "x") announced.records = readRecords(reader, start, size, name);
    else if (header.type === "L") announced.name = readName(reader, start, size, name);
    else if (header.type === "K") announced.linkName = readName(reader, start, size, name);
    else if (header.type !== "V") {
      const { file, further } = fileOf(reader, { header, records, name, start, size });
      yield { header, records, name, linkName: linkNameOf(header, records, announced), file };
      position += further;
      announced = {};
    }
  }
}

/** A hard link repeats the size of its file, whose bytes do not follow it again. */
function sizeOf(header: TarHeader, records: PaxRecords, name: ByteString): number {
  if (header.type === "1") return 0;
  const isEntry = !"xgLK".includes(header.type);
  const size = (isEntry ? paxNumber(records, "size", name) : undefined) ?? header.size;
  if (size < 0) throw entryFault(name, `its size, ${size}, is negative`);
  return size;
}

function nameOf(header: TarHeader, records: PaxRecords, announced: Announced): ByteString {
  return paxValue(records, "GNU.sparse.name") ?? paxValue(records, "path") ?? announced.name ?? header.name;
}

function linkNameOf(header: TarHeader, records: PaxRecords, announced: Announced): ByteString {
  return paxValue(records, "linkpath") ?? announced.linkName ?? header.linkName;
}

function readRecords(reader: BlockReader, start: number, size: number, name: ByteString): PaxRecords {
  if (size > longestRecords)
    throw entryFault(name, `its extended header has ${size} bytes, of at most ${longestRecords}`);
  return parsePaxRecords(reader.read(start, size).toString("latin1"), name);
}

function share(shared: Map<ByteString, PaxRecord>, records: PaxRecords, name: ByteString): void {
  for (const record of records) shared.set(record[0], record);
  if (shared.size > mostShared) throw entryFault(name, `it has more than ${mostShared} records for all entries`);
}

function readName(reader: BlockReader, start: number, size: number, name: ByteString): ByteString {
  // With the zero byte behind it.
  if (size > longestName + 1)
    throw entryFault(name, `it announces a name of ${size} bytes, of at most ${longestName - 1} (PATH_MAX)`);
  return reader.read(start, size).toString("latin1").replace(/\0.*$/s, "");
}

/** An archive ends with two blocks of zeros; what is behind them is padding. Some programs write only one. */
function requireEnd(reader: BlockReader, position: number, archiveSize: number, announced: Announced): void {
  if (Object.keys(announced).length > 0)
    throw damaged(reader, `its last header, before byte ${position}, is of an entry that is not there`);
  const next = position + tarBlock;
  if (next + tarBlock > archiveSize || reader.read(next, tarBlock).every((byte) => byte === 0)) return;
  throw damaged(reader, `a single block of zeros, which may have been a header, stands at byte ${position}`);
}

function endless(reader: BlockReader): MkimageError {
  const hint = "make it again; or, if it is whole, end it with `head -c 1024 /dev/zero >>ARCHIVE`";
  return damaged(reader, "it lacks the blocks of zeros that end an archive, and may be cut off", hint);
}

function damaged({ path }: BlockReader, reason: string, hint?: string): MkimageError {
  const parts = hint === undefined ? {} : { hint };
  return new MkimageError("BAD_REQUEST", `${textOf(path)} is no whole tar archive: ${reason}`, parts);
}
