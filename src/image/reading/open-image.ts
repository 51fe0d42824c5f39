import { closeSync, openSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { byteString } from "../../base/byte-string.ts";
import type { Bytes } from "../../base/units.ts";
import { openWorkspace } from "../../runtime/workspace.ts";
import { DiskBytes } from "../disk-bytes.ts";
import type { Extent } from "../extent.ts";
import type { FileDisk } from "../file-disk.ts";
import { Qcow2Disk } from "../qcow2/read/qcow2-disk.ts";
import { RawDisk } from "../raw-disk.ts";
import { examineImage, type ImageFacts } from "./examine-image.ts";
import type { ImageMap } from "./image-map.ts";
import { MappedDisk } from "./mapped-disk.ts";
import { type RawViews, UnpackedViews, viewsOfRaw } from "./raw-views.ts";
import { requireSoundTables, requireWhole } from "./require-whole.ts";
import { linkInto, unpackInto, type Watched } from "./unpack-image.ts";

/** An image of any format, opened for reading. */
export interface OpenImage extends ImageFacts, Disposable {
  /** The bytes that the image file takes up where it is stored. */
  readonly storedBytes: Bytes;
  /** For other programs. */
  readonly raw: RawViews;
  /** A hidden folder for what is taken out of the image. It goes when the image is closed. */
  readonly folder: string;
  readonly bytes: DiskBytes;
  /**
   * All of its data as extents of the image file itself; `undefined` where that takes a look into `raw`.
   *
   * @throws MkimageError INTERRUPTED.
   */
  fileExtents(): Promise<Extent[] | undefined>;
}

export interface OpenOptions extends Watched {
  /** `--format`: what the file is, as qemu-img calls it. Default: what it says it is. */
  readonly format?: string | undefined;
}

/**
 * Opens an image for reading. It is read in place, unless only QEMU can: then it is unpacked into a sparse temporary file.
 * Files that an image points to are not followed, and nothing in it is executed.
 *
 * @throws MkimageError BAD_REQUEST when there is no such file; BAD_IMAGE when it cannot be read, reads other files, or is
 *   not what its name says; NO_SPACE; INTERRUPTED.
 */
export async function openImage(name: string, options: OpenOptions): Promise<OpenImage> {
  return await openExamined(await examineImage(name, options.format), options);
}

/**
 * As `openImage`, for one that was looked at already.
 *
 * @param scratch the folder that it is unpacked in; default: that for temporary files.
 */
export async function openExamined(
  facts: ImageFacts,
  { scratch = tmpdir(), ...watched }: Omit<OpenOptions, "format"> & { readonly scratch?: string },
): Promise<OpenImage> {
  const options = { ...watched, scratch };
  await requireSoundTables(facts.path, facts.format, options.signal);
  const own = await openQcow2(facts, options.signal);
  if (own !== undefined) {
    using stack = new DisposableStack();
    stack.use(own);
    return await openInPlace(own, facts, options, stack.move());
  }
  const map = await requireWhole(facts.path, facts.format, options.signal);
  if (map?.places === undefined) return await openAsRaw(facts, map, options);
  using stack = new DisposableStack();
  const mapped = stack.use(new MappedDisk(facts.path, facts.size, map.places));
  return await openInPlace(mapped, facts, options, stack.move());
}

interface OpenedOptions extends Watched {
  /** The folder for what is unpacked. */
  readonly scratch: string;
}

async function openQcow2(
  { path, format, size }: ImageFacts,
  signal: AbortSignal | undefined,
): Promise<Qcow2Disk | undefined> {
  const disk = format === "qcow2" ? await Qcow2Disk.open(path, signal) : undefined;
  if (disk === undefined || disk.size === size) return disk;
  disk[Symbol.dispose]();
  return undefined;
}

async function openInPlace(
  disk: FileDisk,
  facts: ImageFacts,
  options: OpenedOptions,
  given: DisposableStack,
): Promise<OpenImage> {
  using stack = given;
  const { folder, remove } = await openWorkspace(options.scratch);
  stack.defer(remove);
  const bytes = new DiskBytes(disk, 0, facts.size);
  const unpackAll = () => unpackInto(folder, disk.storedBytes, facts, options);
  const raw = new UnpackedViews(bytes, folder, unpackAll, options.signal);
  return opened(facts, { raw, folder, bytes, fileExtents: () => disk.fileExtents(options.signal) }, stack.move());
}

async function openAsRaw(facts: ImageFacts, map: ImageMap | undefined, options: OpenedOptions): Promise<OpenImage> {
  using stack = new DisposableStack();
  const { folder, remove } = await openWorkspace(map === undefined ? tmpdir() : options.scratch);
  stack.defer(remove);
  const raw =
    map === undefined ? linkInto(folder, facts.path) : await unpackInto(folder, map.dataBytes, facts, options);
  const descriptor = stack.adopt(openSync(raw, "r"), closeSync);
  const bytes = new DiskBytes(new RawDisk(descriptor, byteString(raw)), 0, facts.size);
  return opened(
    facts,
    { raw: viewsOfRaw(raw), folder, bytes, fileExtents: () => Promise.resolve(undefined) },
    stack.move(),
  );
}

function opened(
  facts: ImageFacts,
  content: Pick<OpenImage, "raw" | "folder" | "bytes" | "fileExtents">,
  stack: DisposableStack,
): OpenImage {
  const storedBytes = statSync(facts.path).blocks * 512;
  return { ...facts, ...content, storedBytes, [Symbol.dispose]: () => stack.dispose() };
}
