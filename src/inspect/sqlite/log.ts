import type { FileBytes } from "../file-bytes.ts";

const headerLength = 32;
const frameHeader = 24;
/** The last bit says in which order the bytes of the checksums' numbers are. */
const magic = 0x377f0682;

/**
 * Finds where in a write-ahead log the last committed state of each page begins. Frames behind the last one with a valid
 * checksum are left over from an earlier use of the log.
 *
 * Source: sqlite.org, "Database File Format", 4.
 */
export function readLog(log: FileBytes, pageSize: number): ReadonlyMap<number, number> {
  const committed = new Map<number, number>();
  if (log.size < headerLength) return committed;
  const header = log.read(0, headerLength);
  if ((header.readUInt32BE(0) & ~1) >>> 0 !== magic || header.readUInt32BE(8) !== pageSize) return committed;
  const sum = new Checksum(header.readUInt32BE(0) === magic);
  sum.add(header.subarray(0, 24));
  if (!sum.is(header, 24)) return committed;
  const waiting = new Map<number, number>();
  for (let at = headerLength; at + frameHeader + pageSize <= log.size; at += frameHeader + pageSize) {
    const frame = log.read(at, frameHeader + pageSize);
    sum.add(frame.subarray(0, 8));
    sum.add(frame.subarray(frameHeader));
    if (!frame.subarray(8, 16).equals(header.subarray(16, 24)) || !sum.is(frame, 16)) break;
    waiting.set(frame.readUInt32BE(0), at + frameHeader);
    if (frame.readUInt32BE(4) === 0) continue;
    for (const [page, place] of waiting) committed.set(page, place);
    waiting.clear();
  }
  return committed;
}

/** Over all that was added so far. */
class Checksum {
  readonly #isLittleEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(isLittleEndian: boolean) {
    this.#isLittleEndian = isLittleEndian;
  }

  add(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 8) {
      this.#first = (this.#first + view.getUint32(at, this.#isLittleEndian) + this.#second) >>> 0;
      this.#second = (this.#second + view.getUint32(at + 4, this.#isLittleEndian) + this.#first) >>> 0;
    }
  }

  is(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first && bytes.readUInt32BE(at + 4) === this.#second;
  }
}
