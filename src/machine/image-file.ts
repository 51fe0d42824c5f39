import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { imageOf } from "../image/disk-source.ts";
import type { Extent } from "../image/extent.ts";
import type { DeviceImage } from "../image/image.ts";
import type { Bytes } from "../base/units.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { endSize } from "./ends.ts";
import type { DiskBytes } from "../image/disk-bytes.ts";
import type { ImageFacts } from "../image/reading/examine-image.ts";
import { openExamined, type OpenImage } from "../image/reading/open-image.ts";
import type { RawViews } from "../image/reading/raw-views.ts";
import { requireSoundTable } from "./require-sound-table.ts";
import { readSignatures } from "./signatures.ts";
import { tableSectorSize } from "./table-sectors.ts";

/** An image file of any format that QEMU reads, as bytes to write. */
export interface ImageFile extends Disposable {
  readonly image: DeviceImage;
  /** The image's bytes as they are on a disk, for other programs and for ourselves. */
  readonly raw: RawViews;
  readonly bytes: DiskBytes;
  /** The image's first bytes. */
  readonly head: Uint8Array;
  /** The sector size of its partition table, where the table tells it. */
  readonly sectorSize: Bytes | undefined;
  /** Remarks for people on how the data differs from the image file. */
  readonly notes: readonly string[];
}

/**
 * Opens an image for writing it to a device. Formats other than raw, and a qcow2 that is compressed, are unpacked into a sparse
 * file first, beside the image where that is allowed.
 *
 * @throws MkimageError BAD_IMAGE when it is damaged or was cut off, holds no partition table and no filesystem, or a damaged
 *   table; NO_SPACE, INTERRUPTED.
 */
export async function openImageFile(facts: ImageFacts, reporter: Reporter, signal?: AbortSignal): Promise<ImageFile> {
  const open = await openExamined(facts, { reporter, signal, scratch: workFolder(facts.path) });
  try {
    return await readOpened(open);
  } catch (error) {
    open[Symbol.dispose]();
    throw error;
  }
}

/** Where scratch files of an image go: beside it where that is allowed. */
export function workFolder(path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK);
    return dirname(path);
  } catch {
    return tmpdir();
  }
}

async function readOpened(open: OpenImage): Promise<ImageFile> {
  const { size, bytes, raw, path: name } = open;
  const extents = await extentsOf(open);
  const signatures = await readSignatures([await raw.ends(0, size)]);
  if (signatures.length === 0) {
    throw new MkimageError("BAD_IMAGE", `${name} holds neither a partition table nor a filesystem`, {
      hint: "give a disk image; one that is compressed as a whole (.gz, .xz, .zst) or in an archive (.tar, .ova, .box, .vma) must be unpacked first",
    });
  }
  const types = signatures.map(({ type }) => type);
  const notes = await requireSoundTable(open, types);
  const head = bytes.read(0, Math.min(endSize, size));
  return {
    notes,
    image: { size, extents },
    raw,
    bytes,
    head,
    sectorSize: tableSectorSize(head, size),
    [Symbol.dispose]: () => open[Symbol.dispose](),
  };
}

/** Of the image file itself, no link to it; or of one that it is unpacked into: then it is seen to be whole before a device is touched. */
async function extentsOf({ format, path, raw, fileExtents }: OpenImage): Promise<Iterable<Extent>> {
  return (await fileExtents()) ?? imageOf({ path: format === "raw" ? path : await raw.whole() }).extents;
}
