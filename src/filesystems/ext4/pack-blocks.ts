import { blocksExtent, type Extent } from "../../image/extent.ts";
import { blockSize } from "./geometry.ts";

/** So many blocks become one extent at most, so that who reads them in order need not have all of them ahead. */
const mostBlocks = 256;

/** A block of the filesystem, and what fills it: it gets 4096 bytes of zeros. */
export interface OwnBlock {
  readonly block: number;
  readonly write: (target: Buffer) => void;
}

/** Joins blocks, which come in ascending order, to extents. */
export function* packBlocks(blocks: Iterable<OwnBlock>): Generator<Extent> {
  let run: OwnBlock[] = [];
  let next = 0;
  for (const block of blocks) {
    if (run.length > 0 && (block.block !== next || run.length === mostBlocks)) {
      yield extentOf(run);
      run = [];
    }
    run.push(block);
    next = block.block + 1;
  }
  if (run.length > 0) yield extentOf(run);
}

function extentOf(run: readonly OwnBlock[]): Extent {
  return blocksExtent(run[0]!.block * blockSize, run.length, (index, block) => run[index]!.write(block));
}
