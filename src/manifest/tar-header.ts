import { MkimageError } from "../base/errors.ts";
import type { ByteString } from "../base/byte-string.ts";
import { entryFault, quoted } from "./tar-fault.ts";

export const tarBlock = 512;

/** One header block, its fields as they stand there: whole numbers that may be negative. */
export interface TarHeader {
  readonly name: ByteString;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** How many bytes follow the header, before padding. */
  readonly size: number;
  readonly mtime: number;
  /** One character: `0` file, `1` hard link, `2` symbolic link, `5` folder, `x` and `g` pax records, … */
  readonly type: string;
  readonly linkName: ByteString;
  /** Of devices; old formats have something else at these places. */
  readonly major: number;
  readonly minor: number;
}

/**
 * Reads a header block; `undefined` for a block of zeros, which ends an archive.
 *
 * @throws MkimageError BAD_REQUEST when its checksum is wrong, or a number is none.
 *
 * Source: POSIX pax, "ustar Interchange Format", and GNU tar's manual, "Basic Tar Format".
 */
export function parseTarHeader(block: Buffer, position: number): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!checksumHolds(block)) {
    throw new MkimageError(
      "BAD_REQUEST",
      `this is not a tar archive, or a damaged one: there is no header at byte ${position}`,
    );
  }
  const type = block[156] === 0 ? "0" : field(block, 156, 1);
  const name = nameIn(block);
  const number = (what: string, at: number, length: number) => headerNumber(block, at, length, { name, what });
  const isDevice = type === "3" || type === "4";
  return {
    name,
    mode: number("mode", 100, 8) & 0o7777,
    uid: number("uid", 108, 8),
    gid: number("gid", 116, 8),
    size: number("size", 124, 12),
    mtime: number("mtime", 136, 12),
    type,
    linkName: field(block, 157, 100),
    major: isDevice ? number("devmajor", 329, 8) : 0,
    minor: isDevice ? number("devminor", 337, 8) : 0,
  };
}

function nameIn(block: Buffer): ByteString {
  const prefix = field(block, 257, 6) === "ustar" && block[262] === 0 ? field(block, 345, 155) : "";
  const name = field(block, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** The bytes of a field up to its first NUL. */
export function field(block: Buffer, offset: number, length: number): ByteString {
  const end = block.indexOf(0, offset);
  return block.toString("latin1", offset, end < 0 || end > offset + length ? offset + length : end);
}

/**
 * A number in octal digits, or with its highest bit set in two's complement, big-endian (GNU). NaN where there is neither, or
 * more than a double holds.
 */
export function numberField(block: Buffer, offset: number, length: number): number {
  const first = block[offset] as number;
  if ((first & 0x80) === 0) {
    const digits = /^ *([0-7]*) *$/.exec(field(block, offset, length))?.[1];
    return digits === undefined ? Number.NaN : safe(Number.parseInt(digits || "0", 8));
  }
  const digits = BigInt(`0x${block.toString("hex", offset, offset + length)}`);
  return safe(Number(BigInt.asIntN(length * 8 - 1, digits)));
}

function safe(value: number): number {
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

function headerNumber(block: Buffer, at: number, length: number, of: { name: ByteString; what: string }): number {
  const value = numberField(block, at, length);
  if (!Number.isNaN(value)) return value;
  const isBinary = ((block[at] as number) & 0x80) !== 0;
  const shown = isBinary ? `0x${block.toString("hex", at, at + length)}` : quoted(field(block, at, length));
  throw entryFault(of.name, `its ${of.what}, ${shown}, is ${isBinary ? "out of all range" : "no octal number"}`);
}

/** The sum of all bytes, the checksum's own eight taken as blanks; some old programs sum signed bytes. */
function checksumHolds(block: Buffer): boolean {
  const stated = numberField(block, 148, 8);
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < tarBlock; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (block[index] as number);
    unsigned += byte;
    signed += byte > 0x7f ? byte - 0x100 : byte;
  }
  return stated === unsigned || stated === signed;
}
