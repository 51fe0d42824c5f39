import type { Bytes } from "../../layout/units.ts";
import type { Extent, ExtentSource } from "../extent.ts";

/**
 * A list of extents as one array of numbers, one string and the literal bytes: between threads that is sent several times
 * faster than an object for each of some thousand files.
 */
export interface PackedExtents {
  /** For each extent: offset, length, the position in its file, and the file's size. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** The paths of the files, each ended by NUL. */
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
  const bytes = new Uint8Array(extents.reduce((sum, { source, length }) => sum + (isLiteral(source) ? length : 0), 0));
  let paths = "";
  let packed = 0;
  for (const [index, { offset, length, source }] of extents.entries()) {
    if (source.kind === "file") {
      paths += `${source.path}\0`;
      numbers.set([offset, length, source.position, source.fileSize ?? unknownSize], index * numbersPerExtent);
      continue;
    }
    if (source.kind === "bytes") bytes.set(source.bytes.subarray(0, length), packed);
    packed += length;
    numbers.set([offset, length, literal, unknownSize], index * numbersPerExtent);
  }
  return { numbers, paths, bytes };
}

export function* unpackExtents({ numbers, paths, bytes }: PackedExtents): Generator<Extent> {
  let path = 0;
  let unpacked = 0;
  for (let at = 0; at < numbers.length; at += numbersPerExtent) {
    const [offset = 0, length = 0, position = literal, size = unknownSize] = numbers.subarray(
      at,
      at + numbersPerExtent,
    );
    if (position === literal) {
      yield { offset, length, source: { kind: "bytes", bytes: bytes.subarray(unpacked, unpacked + length) } };
      unpacked += length;
      continue;
    }
    const end = paths.indexOf("\0", path);
    yield { offset, length, source: fileSource(paths.slice(path, end), position, size) };
    path = end + 1;
  }
}

function fileSource(path: string, position: Bytes, size: Bytes): ExtentSource {
  return size === unknownSize ? { kind: "file", path, position } : { kind: "file", path, position, fileSize: size };
}

/** Zeros need no thread: `splitImage` leaves them out, and what is left of them is bytes. */
function isLiteral(source: ExtentSource): boolean {
  return source.kind !== "file";
}
