import { roundDown, roundUp, type Bytes } from "../base/units.ts";
import { blockLength, type ExtentSource } from "./extent.ts";

/** A source that no file is read for. */
export type MadeSource = Exclude<ExtentSource, { kind: "file" }>;

/** Fills `target`, whatever it held, with what a source has from `skip` on. */
export function fillFrom(source: MadeSource, skip: Bytes, target: Buffer): void {
  if (source.kind === "bytes") target.set(source.bytes.subarray(skip, skip + target.length));
  else target.fill(0);
  if (source.kind === "blocks") makeBlocks(source, source.position + skip, target);
}

/** Blocks that the target has a part of only are made beside it. */
function makeBlocks(source: Extract<MadeSource, { kind: "blocks" }>, start: Bytes, target: Buffer): void {
  const end = start + target.length;
  for (let at = roundDown(start, blockLength); at < roundUp(end, blockLength); at += blockLength) {
    const isWhole = at >= start && at + blockLength <= end && (target.byteOffset + at - start) % 4 === 0;
    const block = isWhole ? target.subarray(at - start, at - start + blockLength) : Buffer.alloc(blockLength);
    source.write(at / blockLength, block);
    if (!isWhole) block.copy(target, Math.max(at - start, 0), Math.max(start - at, 0), Math.min(end - at, blockLength));
  }
}
