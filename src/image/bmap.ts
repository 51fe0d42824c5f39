import { createHash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Bytes, MiB } from "../base/units.ts";
import { readImage } from "./chunk.ts";
import { type Image, type SinkOptions, throwIfAborted } from "./image.ts";

const blockSize: Bytes = 4096;
const chunkSize: Bytes = MiB;

/** Blocks that hold data, one behind the other: the first, the last, and their SHA-256. */
interface MappedRange {
  readonly first: number;
  readonly last: number;
  readonly checksum: string;
}

/**
 * The block map of an image: which of its blocks hold data, with checksums, so that `bmaptool copy` writes no others. Extents
 * decide, and no holes of a file.
 *
 * Source: bmap-tools, "bmap file format 2.0", as its own files describe it.
 *
 * @throws MkimageError SOURCE_CHANGED, INTERRUPTED.
 */
export async function blockMapOf(image: Image, options: SinkOptions = {}): Promise<string> {
  const ranges = await mappedRanges(image, options);
  const unsummed = "0".repeat(64);
  const checksum = createHash("sha256")
    .update(render(image.size, ranges, unsummed))
    .digest("hex");
  return render(image.size, ranges, checksum);
}

async function mappedRanges(image: Image, { signal, onProgress }: SinkOptions): Promise<MappedRange[]> {
  const memory = new Uint8Array(chunkSize + 1);
  const ranges = new RangeCollector();
  for (const { offset, bytes, runs } of readImage(image, { chunkSize, memory: () => memory })) {
    throwIfAborted(signal);
    onProgress?.(offset, image.size);
    for (const { start, end } of runs) ranges.add(offset + start, bytes.subarray(start, end));
    await setImmediate();
  }
  onProgress?.(image.size, image.size);
  return ranges.finish();
}

/** Joins what follows each other. */
class RangeCollector {
  readonly #ranges: MappedRange[] = [];
  #open: { readonly start: Bytes; end: Bytes; readonly hash: Hash } | undefined;

  add(offset: Bytes, bytes: Uint8Array): void {
    if (this.#open?.end !== offset) {
      this.finish();
      this.#open = { start: offset, end: offset, hash: createHash("sha256") };
    }
    this.#open.hash.update(bytes);
    this.#open.end += bytes.length;
  }

  finish(): MappedRange[] {
    if (this.#open !== undefined) {
      const { start, end, hash } = this.#open;
      this.#ranges.push({
        first: start / blockSize,
        last: Math.ceil(end / blockSize) - 1,
        checksum: hash.digest("hex"),
      });
    }
    this.#open = undefined;
    return this.#ranges;
  }
}

/** With the file's own checksum, which is that of the same text with zeros in its place. */
function render(size: Bytes, ranges: readonly MappedRange[], checksum: string): string {
  const mapped = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const lines = ranges.map(({ first, last, checksum: own }) => {
    return `        <Range chksum="${own}"> ${first === last ? first : `${first}-${last}`} </Range>`;
  });
  return [
    '<?xml version="1.0" ?>',
    '<bmap version="2.0">',
    `    <ImageSize> ${size} </ImageSize>`,
    `    <BlockSize> ${blockSize} </BlockSize>`,
    `    <BlocksCount> ${Math.ceil(size / blockSize)} </BlocksCount>`,
    `    <MappedBlocksCount> ${mapped} </MappedBlocksCount>`,
    "    <ChecksumType> sha256 </ChecksumType>",
    `    <BmapFileChecksum> ${checksum} </BmapFileChecksum>`,
    "    <BlockMap>",
    ...lines,
    "    </BlockMap>",
    "</bmap>",
    "",
  ].join("\n");
}
