import { type Extent, lateExtent } from "../../image/extent.ts";
import { blockSize } from "./geometry.ts";

/** So many blocks are made in one piece of memory: one a block costs several times as much. */
const mostBlocks = 256;

/** A block of the filesystem, and what fills it: it gets 4096 bytes of zeros. */
export interface OwnBlock {
  readonly block: number;
  readonly write: (target: Buffer) => void;
}

/** Joins blocks, which come in ascending order, to extents; they are made when the extent's bytes are asked for. */
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
  return lateExtent(run[0]!.block * blockSize, run.length * blockSize, () => {
    const memory = Buffer.alloc(run.length * blockSize);
    run.forEach(({ write }, index) => write(memory.subarray(index * blockSize, (index + 1) * blockSize)));
    return memory;
  });
}
