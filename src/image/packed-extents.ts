import type { Bytes } from "../layout/units.ts";
import type { Extent, ExtentSource } from "./extent.ts";
import { fillFrom } from "./made-source.ts";

/**
 * A list of extents as one array of numbers, one string and the literal bytes: between threads that is sent several times
 * faster than an object for each of some thousand files.
 */
export interface PackedExtents {
  /** For each extent: offset, length, the position in its file, and the file's size. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** The paths of the files, with a NUL between them. */
  readonly paths: string;
  /** The literal bytes of all extents that no file has. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const numbersPerExtent = 4;
/** The position in its file of an extent that has none. */
const literal = -1;
const unknownSize = -1;

export function packExtents(extents: readonly Extent[]): PackedExtents {
  const numbers = new Float64Array(extents.length * numbersPerExtent);
  const bytes = Buffer.from(new ArrayBuffer(literalLength(extents)));
  const paths: string[] = [];
  let at = 0;
  let packed = 0;
  for (const { offset, length, source } of extents) {
    numbers[at] = offset;
    numbers[at + 1] = length;
    numbers[at + 2] = source.kind === "file" ? source.position : literal;
    numbers[at + 3] = source.kind === "file" ? (source.fileSize ?? unknownSize) : unknownSize;
    at += numbersPerExtent;
    if (source.kind === "file") {
      paths.push(source.path);
      continue;
    }
    fillFrom(source, 0, bytes.subarray(packed, packed + length));
    packed += length;
  }
  return { numbers, paths: paths.join("\0"), bytes };
}

/** What of it is handed over to a thread, and not copied. */
export function transferOf({ numbers, bytes }: PackedExtents): ArrayBuffer[] {
  return [numbers.buffer, bytes.buffer];
}

/** Zeros become bytes; `splitImage` leaves them out. */
function literalLength(extents: readonly Extent[]): Bytes {
  let sum = 0;
  for (const { source, length } of extents) sum += source.kind === "file" ? 0 : length;
  return sum;
}

export function* unpackExtents({ numbers, paths, bytes }: PackedExtents): Generator<Extent> {
  const names = paths.split("\0");
  let path = 0;
  let unpacked = 0;
  for (let at = 0; at < numbers.length; at += numbersPerExtent) {
    const offset = numbers[at] ?? 0;
    const length = numbers[at + 1] ?? 0;
    const position = numbers[at + 2] ?? literal;
    if (position === literal) {
      yield { offset, length, source: { kind: "bytes", bytes: bytes.subarray(unpacked, unpacked + length) } };
      unpacked += length;
    } else {
      yield { offset, length, source: fileSource(names[path] ?? "", position, numbers[at + 3] ?? unknownSize) };
      path += 1;
    }
  }
}

function fileSource(path: string, position: Bytes, size: Bytes): ExtentSource {
  return size === unknownSize ? { kind: "file", path, position } : { kind: "file", path, position, fileSize: size };
}
