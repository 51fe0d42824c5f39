import fc from "fast-check";
import type { RecordField } from "../../src/structures/record.ts";

/** A record's description, its length, and values that its fields can have, for records of any kind. */
export interface DescribedRecord {
  readonly name: string;
  readonly fields: Readonly<Record<string, RecordField<unknown>>>;
  /** The bytes that a record has at least. */
  readonly length: number;
}

/** Fields that share a byte: none may. */
export function overlaps({ fields }: DescribedRecord): string[] {
  const inOrder = Object.entries(fields).toSorted(([, one], [, other]) => one.offset - other.offset);
  return inOrder.flatMap(([name, { offset }], index) => {
    const before = inOrder[index - 1];
    return before !== undefined && before[1].offset + before[1].length > offset ? [`${before[0]} and ${name}`] : [];
  });
}

/** Any value of a field, by how it reads zeros and ones. */
export function anyValue({ length, read }: RecordField<unknown>): fc.Arbitrary<unknown> {
  const zero = read(Buffer.alloc(1024 + length));
  const ones = read(Buffer.alloc(1024 + length, 0xff));
  if (typeof zero === "bigint") return fc.bigInt({ min: 0n, max: 2n ** BigInt(8 * length) - 1n });
  if (ones === -1) return fc.integer({ min: -(2 ** (8 * length - 1)), max: 2 ** (8 * length - 1) - 1 });
  if (typeof zero === "number") return fc.integer({ min: 0, max: 2 ** (8 * length) - 1 });
  if (zero instanceof Uint8Array) return fc.uint8Array({ minLength: length, maxLength: length });
  if (typeof zero === "string") return anyText(zero, length);
  throw new Error(`a field reads as ${typeof zero}`);
}

/** A GUID of zeros has hyphens, UTF-16 ends before its first NUL, and other text is as long as its field. */
function anyText(zero: string, length: number): fc.Arbitrary<string> {
  if (zero.includes("-")) return fc.uuid().map((uuid) => uuid.toUpperCase());
  const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
  const mostUnits = zero === "" ? length / 2 : length;
  return fc.string({ unit: printable, minLength: zero === "" ? 0 : mostUnits, maxLength: mostUnits });
}
