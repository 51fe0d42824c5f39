import { unpackExtents, type PackedExtents } from "../image/packed-extents.ts";
import { type PieceToStore, storeClusters } from "../image/qcow2/store-clusters.ts";
import { walkShare } from "../manifest/walk/share.ts";
import { type PieceToWrite, writePiece } from "../image/write-piece.ts";

/** What a thread can be asked to do. Questions and answers are copied: they are plain data. */
export const jobs = {
  walkShare,
  writePiece: ({ piece, ...place }: Packed<PieceToWrite>) => writePiece({ ...place, extents: unpackExtents(piece) }),
  storeClusters: ({ piece, ...place }: Packed<PieceToStore>) =>
    storeClusters({ ...place, extents: unpackExtents(piece) }),
} as const;

export type Jobs = typeof jobs;

/** A piece that can be sent. */
type Packed<Piece> = Omit<Piece, "extents"> & { readonly piece: PackedExtents };
