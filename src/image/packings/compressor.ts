import type { Bytes } from "../../base/units.ts";

/** A format of compressed files, which are made of pieces that know nothing of each other. */
export interface Compressor {
  /** Put behind a file's name, without its dot. */
  readonly ending: string;
  /** Bytes that are compressed at a time. */
  readonly pieceSize: Bytes;
  /** The first bytes of a file. They hold no time and no name. */
  readonly head: Uint8Array;
  /** The compressed form of a piece. The same bytes give the same, in any thread. */
  compress(piece: Uint8Array): Uint8Array;
  /** A sum of a piece's bytes, for the tail. */
  checksum(piece: Uint8Array): number;
  /** The last bytes of a file. */
  tail(pieces: readonly PieceRecord[]): Uint8Array;
}

/** Facts of a piece that outlive its bytes. */
export interface PieceRecord {
  /** Of its compressed form. */
  readonly stored: Bytes;
  readonly length: Bytes;
  readonly checksum: number;
}
