import { badImage } from "../../base/image-faults.ts";
import { type Row, valuesOf, varint } from "./record.ts";
import type { Pages } from "./pages.ts";

const [interior, leaf] = [0x05, 0x0d];
/** Trees of more pages than there are atoms are not as deep. */
const deepest = 40;
/** Of a longer row only so much is read: what is asked for stands at its beginning. */
const longestRecord = 8 * 1024;

/**
 * The rows of the table whose tree begins in a page, with no more than `most` columns. Each page is read once, and the
 * numbers of rows ascend, so that they cannot be more than the file has room for.
 *
 * Source: sqlite.org, "Database File Format", 1.6.
 *
 * @throws MkimageError BAD_IMAGE when the tree is damaged.
 */
export function* rowsOf(pages: Pages, root: number, most: number): Generator<Row> {
  pages.forget();
  let last = -Infinity;
  for (const cell of cellsOf(pages, root, 0)) {
    if (!(cell.id > last)) throw badImage(`row ${cell.id} comes twice, or in no order`);
    last = cell.id;
    yield { id: cell.id, values: valuesOf(recordOf(pages, cell), most, pages.encoding) };
  }
}

interface Cell {
  readonly id: number;
  /** Of the record. */
  readonly length: number;
  /** Where the record begins in the page. */
  readonly start: number;
  readonly page: Buffer;
}

function* cellsOf(pages: Pages, number: number, depth: number): Generator<Cell> {
  if (depth > deepest) throw badImage("its tree is too deep");
  const page = pages.take(number);
  const header = number === 1 ? 100 : 0;
  const kind = page[header];
  if (kind !== interior && kind !== leaf) throw badImage(`page ${number} belongs to no table`);
  const first = header + (kind === interior ? 12 : 8);
  const count = page.readUInt16BE(header + 3);
  if (first + 2 * count > page.length) throw badImage(`page ${number} claims ${count} cells`);
  for (let index = 0; index < count; index += 1) {
    const at = page.readUInt16BE(first + 2 * index);
    if (at + 4 > page.length) throw badImage(`page ${number} is damaged`);
    if (kind === interior) yield* cellsOf(pages, page.readUInt32BE(at), depth + 1);
    else yield cellAt(page, at);
  }
  if (kind === interior) yield* cellsOf(pages, page.readUInt32BE(header + 8), depth + 1);
}

function cellAt(page: Buffer, at: number): Cell {
  const [length, afterLength] = varint(page, at);
  const [id, start] = varint(page, afterLength);
  return { id, length, start, page };
}

/** A record that does not fit into its page goes on in a chain of others. */
function recordOf(pages: Pages, { length, start, page }: Cell): Buffer {
  const local = localLength(length, pages.usable);
  if (start + local > page.length) throw badImage("a row in it is cut off");
  const parts = [page.subarray(start, start + local)];
  if (local === length) return parts[0] as Buffer;
  const wanted = Math.min(length, longestRecord);
  let next = page.readUInt32BE(Math.min(start + local, page.length - 4));
  for (let done = local; done < wanted;) {
    const more = pages.take(next);
    parts.push(more.subarray(4, Math.min(pages.usable, 4 + wanted - done)));
    done += pages.usable - 4;
    next = more.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function localLength(length: number, usable: number): number {
  const most = usable - 35;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const rest = least + ((length - least) % (usable - 4));
  return rest <= most ? rest : least;
}
