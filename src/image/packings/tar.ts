import { type Bytes, roundUp } from "../../base/units.ts";
import { bytesExtent, type Extent, lengthOf, type Run, shiftExtents } from "../extent.ts";
import { holeGrid } from "../chunk.ts";
import type { Image } from "../image.ts";
import { closeRanks, dataRuns } from "../data-runs.ts";

/** A file in a tar. */
export interface TarMember {
  readonly name: string;
  readonly file: Image;
  /** Without its holes, as GNU tar has it since 1994 ("oldgnu"). */
  readonly sparse?: boolean;
}

const block: Bytes = 512;
/** Readers take so much at a time. */
const record: Bytes = 20 * block;

/**
 * A tar of files that belong to root. Their time is the same, and nothing in it says who has made it.
 *
 * Source: POSIX.1-1988, ustar; GNU tar's manual, "Basic Tar Format", "GNU Extensions to the Archive Format".
 */
export function tarOf(members: readonly TarMember[], time: number): Image {
  const extents: Extent[] = [];
  let end = 0;
  for (const member of members) {
    const { head, data, length } = member.sparse === true ? sparseParts(member, time) : plainParts(member, time);
    extents.push(bytesExtent(end, head), ...shiftExtents(data, end + head.length));
    end += head.length + roundUp(length, block);
  }
  return { size: roundUp(end + 2 * block, record), extents };
}

/** A member's headers, and its data as they stand behind those. */
interface Parts {
  readonly head: Buffer;
  readonly data: Iterable<Extent>;
  readonly length: Bytes;
}

function plainParts({ name, file }: TarMember, time: number): Parts {
  const head = headerOf(name, file.size, time);
  head.write("0", 156);
  head.write("ustar\x0000", 257);
  return { head: summedUp(head), data: file.extents, length: file.size };
}

const entriesInHeader = 4;
const entriesInBlock = 21;
const entrySize = 24;

function sparseParts({ name, file }: TarMember, time: number): Parts {
  const extents = [...file.extents];
  const runs = dataRuns(extents, holeGrid).map((run) => clipped(run, file.size));
  const length = lengthOf(runs);
  const head = headerOf(name, length, time);
  head.write("S", 156);
  head.write("ustar  \0", 257);
  const entries = [...runs, { offset: file.size, length: 0 }];
  writeEntries(head, 386, entries.slice(0, entriesInHeader));
  head[482] = entries.length > entriesInHeader ? 1 : 0;
  head.set(numberField(file.size), 483);
  const blocks = [summedUp(head), ...furtherBlocks(entries.slice(entriesInHeader))];
  return { head: Buffer.concat(blocks), data: closeRanks(extents, runs, 0), length };
}

function clipped({ offset, length }: Run, size: Bytes): Run {
  return { offset, length: Math.min(length, size - offset) };
}

/** Blocks with the rest of the map; each says whether another follows. */
function furtherBlocks(entries: readonly Run[]): Buffer[] {
  const blocks: Buffer[] = [];
  for (let start = 0; start < entries.length; start += entriesInBlock) {
    const bytes = Buffer.alloc(block);
    writeEntries(bytes, 0, entries.slice(start, start + entriesInBlock));
    bytes[504] = start + entriesInBlock < entries.length ? 1 : 0;
    blocks.push(bytes);
  }
  return blocks;
}

function writeEntries(target: Buffer, at: number, entries: readonly Run[]): void {
  for (const [index, { offset, length }] of entries.entries()) {
    target.set(numberField(offset), at + index * entrySize);
    target.set(numberField(length), at + index * entrySize + 12);
  }
}

/** With mode 0644, and without the type and the magic, which tell the two formats apart. */
function headerOf(name: string, size: Bytes, time: number): Buffer {
  const head = Buffer.alloc(block);
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is too long for a tar`);
  head.write(name, 0);
  head.write("0000644\0", 100);
  head.write("0000000\0", 108);
  head.write("0000000\0", 116);
  head.set(numberField(size), 124);
  head.set(numberField(time), 136);
  return head;
}

/** The sum is made with spaces in its place. */
function summedUp(head: Buffer): Buffer {
  head.fill(" ", 148, 156);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return head;
}

/** Twelve bytes: eleven octal digits, or where these do not suffice, GNU's binary form. */
function numberField(value: number): Buffer {
  const field = Buffer.alloc(12);
  if (value < 8 ** 11) {
    field.write(value.toString(8).padStart(11, "0"));
    return field;
  }
  field.writeBigUInt64BE(BigInt(value), 4);
  field[0] = 0x80;
  return field;
}
