import type { Extent } from "../image/extent.ts";
import { SourceReader } from "../image/source-reader.ts";
import type { Bytes } from "../base/units.ts";
import { contentExtents } from "../manifest/content-extents.ts";
import type { FileInode } from "../manifest/inode.ts";
import { cutOff } from "../manifest/stored-content.ts";
import { badImage } from "../base/image-faults.ts";

/** The bytes of a file of an image, in whatever order they are asked for. Its holes are zeros. */
export class FileBytes implements Disposable {
  readonly size: Bytes;
  readonly #content: readonly Extent[];
  readonly #reader = new SourceReader();

  constructor(file: FileInode) {
    this.size = file.size;
    this.#content = contentExtents(file);
  }

  /** @throws MkimageError BAD_IMAGE when they are not all there. */
  read(offset: Bytes, length: Bytes): Buffer {
    if (offset + length > this.size) throw badImage(`the file ends at byte ${this.size}`);
    const buffer = Buffer.alloc(length);
    const end = offset + length;
    for (let index = this.#firstBehind(offset); index < this.#content.length; index += 1) {
      const extent = this.#content[index] as Extent;
      const from = Math.max(offset, extent.offset);
      const part = Math.min(end, extent.offset + extent.length) - from;
      if (part <= 0) break;
      this.#fill(extent, from - extent.offset, { buffer, start: from - offset, length: part });
    }
    return buffer;
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }

  #fill({ source }: Extent, skip: Bytes, target: Parameters<SourceReader["read"]>[2]): void {
    try {
      this.#reader.read(source, skip, target);
    } catch (error) {
      throw cutOff(error);
    }
  }

  /** The first extent that ends behind this byte. */
  #firstBehind(offset: Bytes): number {
    let [low, high] = [0, this.#content.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const extent = this.#content[middle] as Extent;
      if (extent.offset + extent.length <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
