import { badImage } from "../../base/image-faults.ts";
import type { Pages } from "./pages.ts";

/** The value of a column: `false` stands for a floating-point number or a BLOB. */
export type Value = string | number | null | false;

/** A row of a table. */
export interface Row {
  readonly id: number;
  readonly values: readonly Value[];
}

/** A number of one to nine bytes, and where it ends. Longer ones than Nix ever writes lose their last digits. */
export function varint(bytes: Buffer, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw badImage("a number in it is cut off");
    if (index === 8) return [value * 256 + byte, at + 9];
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + index + 1];
  }
  return [value, at + 9];
}

/**
 * The first columns of a record, no more than `most`.
 *
 * Source: sqlite.org, "Database File Format", 2.1.
 */
export function valuesOf(record: Buffer, most: number, encoding: Pages["encoding"]): Value[] {
  const [headerEnd, start] = varint(record, 0);
  const values: Value[] = [];
  let place = headerEnd;
  for (let at = start; at < headerEnd && values.length < most;) {
    const [type, next] = varint(record, at);
    const length = lengthOf(type);
    if (place + length > record.length) throw badImage("a row in it is cut off, or longer than any of Nix's");
    values.push(valueOf(record.subarray(place, place + length), type, encoding));
    place += length;
    at = next;
  }
  return values;
}

function lengthOf(type: number): number {
  return type >= 12 ? Math.floor((type - 12) / 2) : (lengths[type] ?? 0);
}

const lengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];

function valueOf(bytes: Buffer, type: number, encoding: Pages["encoding"]): Value {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 6) return Number(bytes.readBigInt64BE(0));
  if (type < 6) return bytes.readIntBE(0, bytes.length);
  return type >= 13 && type % 2 === 1 ? textOf(bytes, encoding) : false;
}

function textOf(bytes: Buffer, encoding: Pages["encoding"]): string {
  if (encoding !== "utf16be") return bytes.toString(encoding);
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString("utf16le");
}
