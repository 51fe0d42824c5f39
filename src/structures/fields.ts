import { guidBytes, guidText } from "../base/guid.ts";
import type { Bytes } from "../base/units.ts";
import type { RecordField } from "./record.ts";

// The kinds of fields, by Linux's names for their types where it has some: le is little-endian, be is big-endian, and the
// number is the width in bits.

export function u8(offset: Bytes): RecordField<number> {
  return {
    offset,
    length: 1,
    read: (bytes, start = 0) => bytes.readUInt8(start + offset),
    write: (bytes, value, start = 0) => void bytes.writeUInt8(value, start + offset),
  };
}

export function le16(offset: Bytes): RecordField<number> {
  return {
    offset,
    length: 2,
    read: (bytes, start = 0) => bytes.readUInt16LE(start + offset),
    write: (bytes, value, start = 0) => void bytes.writeUInt16LE(value, start + offset),
  };
}

export function le32(offset: Bytes): RecordField<number> {
  return {
    offset,
    length: 4,
    read: (bytes, start = 0) => bytes.readUInt32LE(start + offset),
    write: (bytes, value, start = 0) => void bytes.writeUInt32LE(value, start + offset),
  };
}

/** With a sign. */
export function les32(offset: Bytes): RecordField<number> {
  return {
    offset,
    length: 4,
    read: (bytes, start = 0) => bytes.readInt32LE(start + offset),
    write: (bytes, value, start = 0) => void bytes.writeInt32LE(value, start + offset),
  };
}

export function le64(offset: Bytes): RecordField<bigint> {
  return {
    offset,
    length: 8,
    read: (bytes, start = 0) => bytes.readBigUInt64LE(start + offset),
    write: (bytes, value, start = 0) => void bytes.writeBigUInt64LE(value, start + offset),
  };
}

export function be32(offset: Bytes): RecordField<number> {
  return {
    offset,
    length: 4,
    read: (bytes, start = 0) => bytes.readUInt32BE(start + offset),
    write: (bytes, value, start = 0) => void bytes.writeUInt32BE(value, start + offset),
  };
}

export function be64(offset: Bytes): RecordField<bigint> {
  return {
    offset,
    length: 8,
    read: (bytes, start = 0) => bytes.readBigUInt64BE(start + offset),
    write: (bytes, value, start = 0) => void bytes.writeBigUInt64BE(value, start + offset),
  };
}

/** Bytes as they are. Reading gives the record's own memory. */
export function raw(offset: Bytes, length: Bytes): RecordField<Uint8Array> {
  return {
    offset,
    length,
    read: (bytes, start = 0) => bytes.subarray(start + offset, start + offset + length),
    write: (bytes, value, start = 0) => bytes.set(value.subarray(0, length), start + offset),
  };
}

/** A character a byte; as long as the field. */
export function latin1(offset: Bytes, length: Bytes): RecordField<string> {
  return {
    offset,
    length,
    read: (bytes, start = 0) => bytes.toString("latin1", start + offset, start + offset + length),
    write: (bytes, value, start = 0) => void bytes.write(value, start + offset, length, "latin1"),
  };
}

/** UTF-16 with the low byte first. A shorter text ends before the first NUL. */
export function utf16le(offset: Bytes, length: Bytes): RecordField<string> {
  return {
    offset,
    length,
    read: (bytes, start = 0) =>
      bytes.toString("utf16le", start + offset, start + offset + length).replace(/\0.*$/s, ""),
    write: (bytes, value, start = 0) => void bytes.write(value, start + offset, length, "utf16le"),
  };
}

/** A GUID as Microsoft stores it, in capitals. */
export function guid(offset: Bytes): RecordField<string> {
  return {
    offset,
    length: 16,
    read: (bytes, start = 0) => guidText(bytes.subarray(start + offset, start + offset + 16)),
    write: (bytes, value, start = 0) => bytes.set(guidBytes(value), start + offset),
  };
}
