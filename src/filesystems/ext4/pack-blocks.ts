import { bytesExtent, type Extent } from "../../image/extent.ts";
import { blockSize } from "./geometry.ts";

/** So many blocks are made in one piece of memory: one a block costs several times as much. */
const mostBlocks = 256;

/** A block of the filesystem, and what fills it: it gets 4096 bytes of zeros. */
export interface OwnBlock {
  readonly block: number;
  readonly write: (target: Buffer) => void;
}

/** Makes blocks, which come in ascending order, and joins neighbours to extents. */
export function* packBlocks(blocks: Iterable<OwnBlock>): Generator<Extent> {
  let first = 0;
  let count = 0;
  let memory = Buffer.alloc(0);
  for (const { block, write } of blocks) {
    if (count > 0 && (block !== first + count || count === mostBlocks)) {
      yield bytesExtent(first * blockSize, memory.subarray(0, count * blockSize));
      count = 0;
    }
    if (count === 0) {
      first = block;
      memory = Buffer.alloc(mostBlocks * blockSize);
    }
    write(memory.subarray(count * blockSize, (count + 1) * blockSize));
    count += 1;
  }
  if (count > 0) yield bytesExtent(first * blockSize, memory.subarray(0, count * blockSize));
}
