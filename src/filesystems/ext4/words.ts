import { endianness } from "node:os";
import { MkimageError } from "../../base/errors.ts";

/**
 * The memory of bytes, which begins at a multiple of 4, as words of 32 bits: that is several times as fast to write as
 * number by number into bytes. ext4 is little-endian, as is every machine that NixOS is made for.
 *
 * @throws MkimageError INTERNAL on any other.
 */
export function wordsOver(bytes: Buffer): Uint32Array {
  if (!isLittleEndian) throw new MkimageError("INTERNAL", "ext4 is written on little-endian machines only");
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

const isLittleEndian = endianness() === "LE";
