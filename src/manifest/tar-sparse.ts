import type { Extent, FileSource } from "../image/extent.ts";
import type { ByteString } from "../base/byte-string.ts";
import { entryFault, quoted } from "./tar-fault.ts";
import { countOf, type PaxRecords, paxNumber, paxValue } from "./tar-pax.ts";
import { field, numberField, tarBlock } from "./tar-header.ts";

/** Where the data of a sparse file belongs; in the archive the pieces follow each other without holes. */
export interface SparseMap {
  readonly size: number;
  readonly pieces: readonly SparsePiece[];
}

interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

/** A block of the archive, counted from where the data of an entry should begin. */
type ReadBlock = (index: number) => Buffer;

/** Where the data of an entry lies: which archive, from where on, how many bytes. */
interface StoredData {
  readonly archive: FileSource;
  readonly position: number;
  readonly length: number;
}

/**
 * The content of a sparse file.
 *
 * @throws MkimageError BAD_REQUEST when the map is not one of this file: pieces in ascending order, apart from each other and
 *   within the file, which make up all of the data.
 */
export function sparseExtents(map: SparseMap, data: StoredData, name: ByteString): Extent[] {
  checkMap(map, data, name);
  let next = data.position;
  const extents: Extent[] = [];
  for (const { offset, length } of map.pieces) {
    if (length > 0) extents.push({ offset, length, source: { ...data.archive, position: next } });
    next += length;
  }
  return extents;
}

function checkMap({ size, pieces }: SparseMap, data: StoredData, name: ByteString): void {
  const refuse = (reason: string) => entryFault(name, `its sparse map is wrong: ${reason}`);
  if (!isCount(size)) throw refuse("it has no size of the file");
  let [end, stored] = [0, 0];
  for (const { offset, length } of pieces) {
    const piece = `the piece of ${length} bytes at ${offset}`;
    if (!isCount(offset) || !isCount(length)) throw refuse("a piece has no legal offset or length");
    if (offset < end) throw refuse(`${piece} begins before the end of the one before, at ${end}`);
    if (offset + length > size) throw refuse(`${piece} reaches beyond the file's size of ${size}`);
    // Programs differ in whether there is padding between two pieces.
    if (length > 0 && stored % tarBlock !== 0) throw refuse(`${piece} follows one that is no multiple of ${tarBlock}`);
    end = offset + length;
    stored += length;
  }
  if (stored !== data.length) throw refuse(`its pieces have ${stored} bytes, and the archive ${data.length}`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * The map in pax records, formats 0.0 (a record an offset and a length) and 0.1 (one record of all numbers); `undefined`
 * when there is none.
 *
 * Source: GNU tar's manual, "Storing Sparse Files".
 */
export function sparseMapOfRecords(records: PaxRecords, name: ByteString): SparseMap | undefined {
  const size = paxNumber(records, "GNU.sparse.size", name);
  if (size === undefined) return undefined;
  const list = paxValue(records, "GNU.sparse.map")?.split(",");
  const numbers = list?.map((number) => countOf(number, "GNU.sparse.map", name)) ?? numbersOf(records, name);
  return { size, pieces: inPairs(numbers, name) };
}

function numbersOf(records: PaxRecords, name: ByteString): number[] {
  return records
    .filter(([keyword]) => keyword === "GNU.sparse.offset" || keyword === "GNU.sparse.numbytes")
    .map(([keyword, value]) => countOf(value, keyword, name));
}

/**
 * The map of format 1.0, which stands before the data: the number of pieces, then an offset and a length each, a line a
 * number, padded to whole blocks.
 *
 * @param blocks how many the entry has.
 * @returns the map and how many bytes it takes.
 */
export function sparseMapOfData(
  records: PaxRecords,
  name: ByteString,
  blocks: number,
  read: ReadBlock,
): { map: SparseMap; length: number } {
  const size = paxNumber(records, "GNU.sparse.realsize", name) ?? Number.NaN;
  const numbers: number[] = [];
  let rest = "";
  for (let index = 0; index < blocks; index += 1) {
    const lines = (rest + read(index).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      numbers.push(countOf(line, "number in the sparse map", name));
      const [count = 0] = numbers;
      if (numbers.length <= 2 * count) continue;
      return { map: { size, pieces: inPairs(numbers.slice(1), name) }, length: (index + 1) * tarBlock };
    }
    if (rest.length > tarBlock) break;
  }
  throw entryFault(name, `its sparse map does not end within its data, at ${quoted(rest.slice(0, 40))}`);
}

const pieceLength = 24;

/**
 * The map of an old GNU header (type S): four pieces in the header, more in blocks of 21 after it.
 *
 * @returns the map and how many bytes the further blocks take.
 */
export function sparseMapOfHeader(header: Buffer, read: ReadBlock): { map: SparseMap; length: number } {
  const pieces = piecesIn(header, 386, 4);
  let more = header[482] !== 0;
  let index = 0;
  for (; more; index += 1) {
    const block = read(index);
    for (const piece of piecesIn(block, 0, 21)) pieces.push(piece);
    more = block[504] !== 0;
  }
  return { map: { size: numberField(header, 483, 12), pieces }, length: index * tarBlock };
}

function piecesIn(block: Buffer, start: number, count: number): SparsePiece[] {
  return Array.from({ length: count }, (_, index) => start + index * pieceLength)
    .filter((at) => field(block, at, 12) !== "" || block[at] === 0x80)
    .map((at) => ({ offset: numberField(block, at, 12), length: numberField(block, at + 12, 12) }));
}

function inPairs(numbers: readonly number[], name: ByteString): SparsePiece[] {
  if (numbers.length % 2 !== 0) throw entryFault(name, "its sparse map ends with an offset that has no length");
  const pieces: SparsePiece[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    pieces.push({ offset: numbers[index] as number, length: numbers[index + 1] as number });
  }
  return pieces;
}
