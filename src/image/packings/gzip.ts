import { constants, crc32, deflateRawSync } from "node:zlib";
import { joinedCrc32 } from "../../base/crc32.ts";
import { MiB } from "../../base/units.ts";
import type { Compressor, PieceRecord } from "./compressor.ts";

/**
 * One member, so that readers which know no others take it: each piece ends on a whole byte, by an empty stored block.
 *
 * Source: RFC 1952, 2.3 "Member format"; RFC 1951, 3.2.
 */
export const gzip: Compressor = {
  ending: "gz",
  pieceSize: MiB,
  // Magic number, deflate; no flags, no time, no extra flags, and 255 for an unknown system.
  head: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255),
  compress: (piece) => deflateRawSync(piece, { level: 6, memLevel: 9, finishFlush: constants.Z_SYNC_FLUSH }),
  checksum: (piece) => crc32(piece),
  tail,
};

/** A last block without contents, and how the whole is checked. */
const lastBlock = Uint8Array.of(3, 0);

function tail(pieces: readonly PieceRecord[]): Uint8Array {
  const checksum = pieces.reduce((sum, piece) => joinedCrc32(sum, piece.checksum, piece.length), 0);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const sums = Buffer.alloc(8);
  sums.writeUInt32LE(checksum, 0);
  sums.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([lastBlock, sums]);
}
