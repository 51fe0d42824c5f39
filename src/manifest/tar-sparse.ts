import { type Extent, fileExtent } from "../image/extent.ts";
import type { ByteString } from "./byte-string.ts";
import { type PaxRecords, paxValue } from "./tar-pax.ts";
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

/** The content of a file whose data begins at `position` of the archive. */
export function sparseExtents(map: SparseMap, archive: ByteString, position: number): Extent[] {
  let next = position;
  const extents: Extent[] = [];
  for (const { offset, length } of map.pieces) {
    if (length > 0) extents.push(fileExtent(offset, length, archive, next));
    next += length;
  }
  return extents;
}

/**
 * The map in pax records, formats 0.0 (a record an offset and a length) and 0.1 (one record of all numbers); `undefined`
 * when there is none.
 *
 * Source: GNU tar's manual, "Storing Sparse Files".
 */
export function sparseMapOfRecords(records: PaxRecords): SparseMap | undefined {
  const size = paxValue(records, "GNU.sparse.size");
  if (size === undefined) return undefined;
  const list = paxValue(records, "GNU.sparse.map");
  const numbers = list === undefined ? numbersOf(records) : list.split(",").map(Number);
  return { size: Number(size), pieces: inPairs(numbers) };
}

function numbersOf(records: PaxRecords): number[] {
  return records
    .filter(([keyword]) => keyword === "GNU.sparse.offset" || keyword === "GNU.sparse.numbytes")
    .map(([, value]) => Number(value));
}

/**
 * The map of format 1.0, which stands before the data: the number of pieces, then an offset and a length each, a line a
 * number, padded to whole blocks.
 *
 * @param read gives a block of the archive, counted from where the data should begin.
 * @returns the map and how many bytes it takes.
 */
export function sparseMapOfData(size: number, read: (index: number) => Buffer): { map: SparseMap; length: number } {
  let text = "";
  for (let index = 0; ; index += 1) {
    text += read(index).toString("latin1");
    const numbers = text.split("\n").slice(0, -1);
    const count = Number(numbers[0]);
    if (numbers.length > 0 && numbers.length >= 1 + 2 * count) {
      return {
        map: { size, pieces: inPairs(numbers.slice(1, 1 + 2 * count).map(Number)) },
        length: (index + 1) * tarBlock,
      };
    }
  }
}

const pieceLength = 24;

/**
 * The map of an old GNU header (type S): four pieces in the header, more in blocks of 21 after it.
 *
 * @returns the map and how many bytes the further blocks take.
 */
export function sparseMapOfHeader(header: Buffer, read: (index: number) => Buffer): { map: SparseMap; length: number } {
  const pieces = piecesIn(header, 386, 4);
  let more = header[482] !== 0;
  let index = 0;
  for (; more; index += 1) {
    const block = read(index);
    pieces.push(...piecesIn(block, 0, 21));
    more = block[504] !== 0;
  }
  return { map: { size: numberField(header, 483, 12), pieces }, length: index * tarBlock };
}

function piecesIn(block: Buffer, start: number, count: number): SparsePiece[] {
  return Array.from({ length: count }, (_, index) => start + index * pieceLength)
    .filter((at) => field(block, at, 12) !== "" || block[at] === 0x80)
    .map((at) => ({ offset: numberField(block, at, 12), length: numberField(block, at + 12, 12) }));
}

function inPairs(numbers: readonly number[]): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    pieces.push({ offset: numbers[index] as number, length: numbers[index + 1] as number });
  }
  return pieces;
}
