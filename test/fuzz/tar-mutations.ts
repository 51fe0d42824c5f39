import * as fc from "fast-check";
import { fieldPlaces, sealed } from "../manifest/tar-maker.ts";

/** Places of the blocks whose checksum is right: headers. */
function headersOf(bytes: Buffer): number[] {
  const places = Array.from({ length: Math.floor(bytes.length / 512) }, (_, index) => index * 512);
  return places.filter((at) => {
    const block = Buffer.from(bytes.subarray(at, at + 512));
    return (
      block[0] !== 0 &&
      Number.parseInt(block.toString("latin1", 148, 154), 8) ===
        Number.parseInt(sealed(block).toString("latin1", 148, 154), 8)
    );
  });
}

const hostileValues = [
  "",
  "-1",
  "9",
  "77777777777",
  "00000000001",
  "\xff".repeat(12),
  `\x80${"\0".repeat(10)}\x01`,
  "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
  "../x",
  "/",
  "./",
  "a/".repeat(40),
  "S",
  "1",
  "2",
  "5",
  "x",
  "g",
  "L",
  "K",
];

/** One change to an archive. */
export const mutation = fc.record({
  kind: fc.constantFrom("field", "field", "field", "byte", "digit", "cut", "drop", "repeat", "swap"),
  where: fc.nat(),
  field: fc.constantFrom(...Object.keys(fieldPlaces)),
  value: fc.oneof(
    fc.constantFrom(...hostileValues),
    fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 12 }),
  ),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

/** The archive with this change. Headers get the checksum that they then have. */
export function mutated(bytes: Buffer, { kind, where, field, value }: Mutation): Buffer {
  const copy = Buffer.from(bytes);
  const blocks = Math.max(1, Math.floor(copy.length / 512));
  const at = (where % blocks) * 512;
  const [head, tail] = [copy.subarray(0, at), copy.subarray(at + 512)];
  switch (kind) {
    case "field": {
      const headers = headersOf(copy);
      const start = headers[where % Math.max(1, headers.length)];
      if (start === undefined) return copy;
      const [offset, length] = fieldPlaces[field as keyof typeof fieldPlaces];
      copy.fill(0, start + offset, start + offset + length);
      copy.set(Buffer.from(value, "latin1").subarray(0, length), start + offset);
      sealed(copy.subarray(start, start + 512));
      return copy;
    }
    case "byte":
      copy[where % Math.max(1, copy.length)] = where >>> 24;
      return copy;
    case "digit": {
      // Of pax records and sparse maps, which no checksum covers.
      const text = copy.toString("latin1");
      const digits = [...text.matchAll(/\d(?=[\d\n,]*[\n,])/g)].map(({ index }) => index);
      const place = digits[where % Math.max(1, digits.length)];
      if (place !== undefined) copy[place] = "0123456789-e".charCodeAt((where >>> 8) % 12);
      return copy;
    }
    case "cut":
      return copy.subarray(0, where % Math.max(1, copy.length));
    case "drop":
      return Buffer.concat([head, tail]);
    case "repeat":
      return Buffer.concat([head, copy.subarray(at, at + 512), copy.subarray(at)]);
    default:
      return Buffer.concat([copy.subarray(at, at + 512), head, tail]);
  }
}
