import { unpackExtents, type PackedExtents } from "../../image/packed-extents.ts";
import { type PieceToStore, storeClusters } from "../../image/qcow2/store-clusters.ts";
import { walkShare } from "../../manifest/walk/share.ts";
import { type PieceToWrite, writePiece } from "../../image/write-piece.ts";
import { type Claim, take } from "./claim.ts";

/** What a thread can be asked to do. Questions and answers are copied: they are plain data. */
export const jobs = {
  walkShare,
  /** Unless another thread has taken the piece. */
  writePiece: ({ piece, claim, ...place }: Packed<PieceToWrite> & { readonly claim: Claim }) => {
    if (take(claim)) writePiece({ ...place, extents: unpackExtents(piece) });
  },
  storeClusters: ({ piece, ...place }: Packed<PieceToStore>) =>
    storeClusters({ ...place, extents: unpackExtents(piece) }),
} as const;

export type Jobs = typeof jobs;

/** A piece that can be sent. */
type Packed<Piece> = Omit<Piece, "extents"> & { readonly piece: PackedExtents };
