import { constants, zstdCompressSync } from "node:zlib";
import { MiB } from "../../base/units.ts";
import type { Compressor, PieceRecord } from "./compressor.ts";

/**
 * A frame a piece, each with its checksum, and a table of them behind the last: any part is found without the others, and
 * readers that do not know the table skip it.
 *
 * Source: RFC 8878; zstd's contrib/seekable_format, "Zstandard Seekable Format" 0.1.0.
 */
export const zstd: Compressor = {
  ending: "zst",
  pieceSize: 4 * MiB,
  head: new Uint8Array(),
  compress: (piece) => zstdCompressSync(piece, { pledgedSrcSize: piece.length, params: settings }),
  // It is in the frame.
  checksum: () => 0,
  tail: seekTable,
};

const settings = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };

const skippableFrame = 0x184d2a5e;
const seekable = 0x8f92eab1;
const entrySize = 8;
const footerSize = 9;

/** In a frame to skip: the lengths of each frame and of its contents; how many there are, without checksums; the mark. */
function seekTable(pieces: readonly PieceRecord[]): Uint8Array {
  const table = Buffer.alloc(8 + pieces.length * entrySize + footerSize);
  table.writeUInt32LE(skippableFrame, 0);
  table.writeUInt32LE(table.length - 8, 4);
  for (const [index, { stored, length }] of pieces.entries()) {
    table.writeUInt32LE(stored, 8 + index * entrySize);
    table.writeUInt32LE(length, 12 + index * entrySize);
  }
  table.writeUInt32LE(pieces.length, table.length - footerSize);
  table.writeUInt32LE(seekable, table.length - 4);
  return table;
}
