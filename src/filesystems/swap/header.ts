import { MkimageError } from "../../base/errors.ts";
import { uuidBytes } from "../../base/guid.ts";
import type { Bytes } from "../../base/units.ts";

/** The identity of a swap space. */
interface SwapOptions {
  readonly uuid: string;
  /** Up to 15 bytes. */
  readonly label: string;
}

const pageSize = 4096;
/** mkswap refuses less than ten pages. */
const fewestPages = 10;

/**
 * The first page of swap space of `size` bytes; the rest may hold anything.
 *
 * @throws MkimageError TOO_SMALL below ten pages.
 *
 * Source: Linux, include/linux/swap.h, union swap_header (version 1, pages of 4096 bytes).
 */
export function swapHeader(size: Bytes, { uuid, label }: SwapOptions): Uint8Array {
  const pages = Math.floor(size / pageSize);
  if (pages < fewestPages) {
    throw new MkimageError("TOO_SMALL", `swap space of ${size} bytes is too small`, {
      hint: `give it at least ${fewestPages * pageSize} bytes`,
    });
  }
  const page = Buffer.alloc(pageSize);
  page.writeUInt32LE(1, 1024);
  page.writeUInt32LE(pages - 1, 1028);
  page.set(uuidBytes(uuid), 1036);
  page.write(label, 1052, 15, "utf8");
  page.write("SWAPSPACE2", pageSize - 10, "latin1");
  return page;
}
