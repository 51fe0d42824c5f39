import { MkimageError } from "../errors.ts";
import type { ByteString } from "./byte-string.ts";

export const tarBlock = 512;

/** One header block, its fields as they stand there. */
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
  readonly major: number;
  readonly minor: number;
}

/**
 * Reads a header block; `undefined` for a block of zeros, which ends an archive.
 *
 * @throws MkimageError BAD_REQUEST when its checksum is wrong.
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
  const prefix = field(block, 257, 6) === "ustar" && block[262] === 0 ? field(block, 345, 155) : "";
  const name = field(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: numberField(block, 100, 8) & 0o7777,
    uid: numberField(block, 108, 8),
    gid: numberField(block, 116, 8),
    size: numberField(block, 124, 12),
    mtime: numberField(block, 136, 12),
    type,
    linkName: field(block, 157, 100),
    major: numberField(block, 329, 8),
    minor: numberField(block, 337, 8),
  };
}

/** The bytes of a field up to its first NUL. */
export function field(block: Buffer, offset: number, length: number): ByteString {
  const end = block.indexOf(0, offset);
  return block.toString("latin1", offset, end < 0 || end > offset + length ? offset + length : end);
}

/** A number in octal digits, or with its highest bit set in two's complement, big-endian (GNU). */
export function numberField(block: Buffer, offset: number, length: number): number {
  const first = block[offset] as number;
  if ((first & 0x80) === 0) return Number.parseInt(field(block, offset, length).trim() || "0", 8);
  const digits = BigInt(`0x${block.toString("hex", offset, offset + length)}`);
  const bits = length * 8;
  return Number(first === 0xff ? BigInt.asIntN(bits, digits) : BigInt.asUintN(bits - 1, digits));
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
