import { unpackExtents, type PackedExtents } from "../image/packed-extents.ts";
import { closeQcow2, finishQcow2, openQcow2, writeToQcow2 } from "../image/qcow2/jobs.ts";
import { walkShare } from "../manifest/walk/share.ts";
import { type PieceToWrite, writePiece } from "../image/write-piece.ts";

/** What a thread can be asked to do. Questions and answers are copied: they are plain data. */
export const jobs = {
  walkShare,
  writePiece: ({ piece, ...place }: PackedPiece): void => writePiece({ ...place, extents: unpackExtents(piece) }),
  openQcow2,
  writeToQcow2,
  finishQcow2,
  closeQcow2,
} as const;

export type Jobs = typeof jobs;

interface PackedPiece extends Omit<PieceToWrite, "extents"> {
  readonly piece: PackedExtents;
}
