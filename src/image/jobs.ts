import { type SharedFlag, take } from "../runtime/threads/claim.ts";
import type { ThreadJob } from "../runtime/threads/job.ts";
import { type PackedExtents, unpackExtents } from "./packed-extents.ts";
import { type CompressedPiece, compressPiece, type PieceToCompress } from "./packings/compress-piece.ts";
import { type PieceToStore, storeClusters, type StoredPiece } from "./qcow2/store-clusters.ts";
import { type PieceToWrite, writePiece } from "./write-piece.ts";

/** A piece that can be sent. */
type Packed<Piece> = Omit<Piece, "extents"> & { readonly piece: PackedExtents };

/** Writes a piece of a raw file, unless another thread has taken it. */
export const writePieceJob: ThreadJob<Packed<PieceToWrite> & { readonly claim: SharedFlag }, void> = {
  name: "writePiece",
  run: ({ piece, claim, ...place }) => {
    if (take(claim)) writePiece({ ...place, extents: unpackExtents(piece) });
  },
};

/** Stores a piece of a qcow2. */
export const storeClustersJob: ThreadJob<Packed<PieceToStore>, StoredPiece> = {
  name: "storeClusters",
  run: ({ piece, ...place }) => storeClusters({ ...place, extents: unpackExtents(piece) }),
};

/** Compresses a piece of an image. */
export const compressPieceJob: ThreadJob<Packed<PieceToCompress>, CompressedPiece> = {
  name: "compressPiece",
  run: ({ piece, ...place }) => compressPiece({ ...place, extents: unpackExtents(piece) }),
};
