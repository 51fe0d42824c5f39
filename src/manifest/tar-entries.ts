import { fileExtent } from "../image/extent.ts";
import { roundUp } from "../layout/units.ts";
import { MkimageError } from "../errors.ts";
import type { BlockReader } from "./block-reader.ts";
import { type ByteString, textOf } from "./byte-string.ts";
import type { FileInode } from "./inode.ts";
import { parseTarHeader, tarBlock, type TarHeader } from "./tar-header.ts";
import { parsePaxRecords, type PaxRecord, type PaxRecords, paxValue } from "./tar-pax.ts";
import { sparseExtents, sparseMapOfData, sparseMapOfHeader, sparseMapOfRecords } from "./tar-sparse.ts";

/** A header with everything that stood before it. */
export interface TarEntry {
  readonly header: TarHeader;
  readonly records: PaxRecords;
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly file: Pick<FileInode, "size" | "content">;
}

/** What an archive says before an entry, of that entry. */
interface Announced {
  records: PaxRecords;
  name?: ByteString;
  linkName?: ByteString;
}

/**
 * The entries of an archive in their order, long names, extended headers and sparse maps taken in.
 *
 * @throws MkimageError BAD_REQUEST when it is no tar archive, or is cut off.
 */
export function* tarEntries(reader: BlockReader, archiveSize: number): Generator<TarEntry> {
  const everywhere: PaxRecord[] = [];
  let announced: Announced = { records: [] };
  for (let position = 0; position < archiveSize;) {
    const header = parseTarHeader(reader.read(position, tarBlock), position);
    if (header === undefined) return;
    const start = position + tarBlock;
    const records = [...everywhere, ...announced.records];
    const size = sizeOf(header, records);
    if (start + size > archiveSize) throw cutOff(reader);
    position = start + roundUp(size, tarBlock);
    if (header.type === "g") everywhere.push(...readRecords(reader, start, size));
    else if (header.type === "x") announced.records = readRecords(reader, start, size);
    else if (header.type === "L") announced.name = readName(reader, start, size);
    else if (header.type === "K") announced.linkName = readName(reader, start, size);
    else if (header.type !== "V") {
      const { file, further } = fileOf(reader, header, records, start, size);
      yield {
        header,
        records,
        name: nameOf(header, records, announced),
        linkName: linkNameOf(header, records, announced),
        file,
      };
      position += further;
      announced = { records: [] };
    }
  }
}

/** A hard link repeats the size of its file, whose bytes do not follow it again. */
function sizeOf(header: TarHeader, records: PaxRecords): number {
  if (header.type === "1") return 0;
  const isEntry = !"xgLK".includes(header.type);
  return Number((isEntry ? paxValue(records, "size") : undefined) ?? header.size);
}

function nameOf(header: TarHeader, records: PaxRecords, announced: Announced): ByteString {
  return paxValue(records, "GNU.sparse.name") ?? paxValue(records, "path") ?? announced.name ?? header.name;
}

function linkNameOf(header: TarHeader, records: PaxRecords, announced: Announced): ByteString {
  return paxValue(records, "linkpath") ?? announced.linkName ?? header.linkName;
}

function readRecords(reader: BlockReader, start: number, size: number): PaxRecords {
  return parsePaxRecords(reader.read(start, size).toString("latin1"));
}

function readName(reader: BlockReader, start: number, size: number): ByteString {
  return reader.read(start, size).toString("latin1").replace(/\0.*$/s, "");
}

/** The content of an entry, and how many bytes it takes beyond the size that its header states. */
function fileOf(reader: BlockReader, header: TarHeader, records: PaxRecords, start: number, size: number) {
  const blockAt = (index: number) => reader.read(start + index * tarBlock, tarBlock);
  if (header.type === "S") {
    const { map, length } = sparseMapOfHeader(Buffer.from(reader.read(start - tarBlock, tarBlock)), blockAt);
    return { file: { size: map.size, content: sparseExtents(map, reader.path, start + length) }, further: length };
  }
  if (paxValue(records, "GNU.sparse.major") === "1") {
    const { map, length } = sparseMapOfData(Number(paxValue(records, "GNU.sparse.realsize")), blockAt);
    return { file: { size: map.size, content: sparseExtents(map, reader.path, start + length) }, further: 0 };
  }
  const map = sparseMapOfRecords(records);
  if (map !== undefined)
    return { file: { size: map.size, content: sparseExtents(map, reader.path, start) }, further: 0 };
  return { file: { size, content: size === 0 ? [] : [fileExtent(0, size, reader.path, start)] }, further: 0 };
}

function cutOff(reader: BlockReader): MkimageError {
  return new MkimageError("BAD_REQUEST", `${textOf(reader.path)} is cut off: it ends within an entry`);
}
