import { hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Bytes } from "../../base/units.ts";
import { recordWords } from "./record.ts";

/**
 * A file of stored forms: these one behind the other, their records, and an end of 64 bytes, with a mark, the number of records,
 * and the SHA-256 of the records. It is never changed.
 */
export interface FormFile {
  readonly path: string;
  /** Open, for reading. */
  readonly descriptor: number;
  readonly size: Bytes;
  readonly records: Uint32Array;
}

const mark = "mkimage's clusters 1";
const countAt = 24;
const sumAt = 32;
const endLength = 64;
const recordLength = recordWords * 4;

/** The bytes that follow the forms. */
export function recordsAndEnd(records: Uint32Array): Buffer {
  const bytes = bytesOver(records);
  const end = Buffer.alloc(endLength);
  end.write(mark, "latin1");
  end.writeUInt32LE(records.length / recordWords, countAt);
  hash("sha256", bytes, "buffer").copy(end, sumAt);
  return Buffer.concat([bytes, end]);
}

/** Opens a file of forms; `undefined` where it is gone, damaged, or none. */
export function openFormFile(path: string): FormFile | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const { size } = fstatSync(descriptor);
    const records = readRecords(descriptor, size);
    if (records !== undefined) return { path, descriptor, size, records };
  } catch {
    // As if it were not there.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

function readRecords(descriptor: number, size: Bytes): Uint32Array | undefined {
  const end = readAt(descriptor, size - endLength, endLength);
  const count = end.readUInt32LE(countAt);
  const start = size - endLength - count * recordLength;
  if (!end.toString("latin1").startsWith(mark) || start < 0) return undefined;
  const bytes = readAt(descriptor, start, count * recordLength);
  if (hash("sha256", bytes, "buffer").compare(end, sumAt) !== 0) return undefined;
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Throws where there are fewer bytes, or none: `start` is below 0. */
function readAt(descriptor: number, start: Bytes, length: Bytes): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  if (start < 0 || readSync(descriptor, bytes, 0, length, start) < length) throw new RangeError("it was cut off");
  return bytes;
}

function bytesOver({ buffer, byteOffset, byteLength }: Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
