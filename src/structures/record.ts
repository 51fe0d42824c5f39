import type { Bytes } from "../base/units.ts";

/** A field of a record: its place, its width, and how its value stands there. */
export interface RecordField<Value> {
  /** From the record's start on. */
  readonly offset: Bytes;
  readonly length: Bytes;
  /** Reads it in the record that begins at byte `start`; throws a RangeError where that is not all there. */
  read(bytes: Buffer, start?: Bytes): Value;
  /** Writes it into the record that begins at byte `start`. */
  write(bytes: Buffer, value: Value, start?: Bytes): void;
}

/** The description of a record: its fields by their names. Bytes between them are reserved, or of no use here. */
type RecordFields = Readonly<Record<string, RecordField<unknown>>>;

/** The values of a record, by the names of its fields. */
export type RecordValues<Fields extends RecordFields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends RecordField<infer Value> ? Value : never;
};

/** Reads every field of the record that begins at byte `start`. */
export function readRecord<Fields extends RecordFields>(
  fields: Fields,
  bytes: Buffer,
  start: Bytes = 0,
): RecordValues<Fields> {
  const values = Object.entries(fields).map(([name, field]) => [name, field.read(bytes, start)]);
  return Object.fromEntries(values) as RecordValues<Fields>;
}

/** Reads a field from its own bytes, where no others of its record were read. */
export function readAlone<Value>(field: RecordField<Value>, bytes: Buffer): Value {
  return field.read(bytes, 0 - field.offset);
}

/** Writes the given fields of the record that begins at byte `start`, and leaves the others as they are. */
export function writeRecord<Fields extends RecordFields>(
  fields: Fields,
  bytes: Buffer,
  values: Partial<RecordValues<Fields>>,
  start: Bytes = 0,
): void {
  for (const [name, value] of Object.entries(values)) fields[name]?.write(bytes, value, start);
}

/** The same memory with a Buffer's methods, by which fields are read and written. */
export function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
