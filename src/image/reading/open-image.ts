import { closeSync, openSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examineImage, type ImageFacts } from "./examine-image.ts";
import { MkimageError } from "../../base/errors.ts";
import { progressOf } from "../formats/convert.ts";
import { requireSpace } from "../free-space.ts";
import type { Bytes } from "../../base/units.ts";
import { byteString } from "../../base/byte-string.ts";
import type { Reporter } from "../../runtime/reporter.ts";
import { run } from "../../runtime/run.ts";
import { openWorkspace } from "../../runtime/workspace.ts";
import { DiskBytes } from "../disk-bytes.ts";
import type { Extent } from "../extent.ts";
import { Qcow2Disk } from "../qcow2/read/qcow2-disk.ts";
import { RawDisk } from "../raw-disk.ts";
import { type RawViews, UnpackedViews, viewsOfRaw } from "./raw-views.ts";
import { requireSoundTables, requireWhole } from "./require-whole.ts";

/** An image of any format, opened for reading. */
export interface OpenImage extends ImageFacts, Disposable {
  /** The bytes that the image file takes up where it is stored. */
  readonly storedBytes: Bytes;
  /** For other programs. */
  readonly raw: RawViews;
  /** A hidden folder for what is taken out of the image. It goes when the image is closed. */
  readonly folder: string;
  readonly bytes: DiskBytes;
  /** All of its data as extents of the image file itself; `undefined` where that takes a look into `raw`. */
  fileExtents(): Extent[] | undefined;
}

export interface OpenOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** `--format`: what the file is, as qemu-img calls it. Default: what it says it is. */
  readonly format?: string | undefined;
}

/**
 * Opens an image for reading. A raw file and a qcow2 are read in place, everything else is unpacked into a sparse temporary
 * file; files that an image points to are not followed, and nothing in it is executed.
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
  { scratch = tmpdir(), ...options }: Omit<OpenOptions, "format"> & { readonly scratch?: string },
): Promise<OpenImage> {
  const inPlace = facts.format === "qcow2" ? Qcow2Disk.open(facts.path) : undefined;
  if (inPlace === undefined) return await openAsRaw(facts, { scratch, ...options });
  using stack = new DisposableStack();
  stack.use(inPlace);
  if (inPlace.size !== facts.size) return await openAsRaw(facts, { scratch, ...options });
  await requireSoundTables(facts.path, facts.format, options.signal);
  const { folder, remove } = await openWorkspace(scratch);
  stack.defer(remove);
  const bytes = new DiskBytes(inPlace, 0, facts.size);
  const unpackAll = () => unpackInto(folder, inPlace.storedBytes, facts, options);
  const raw = new UnpackedViews(bytes, folder, unpackAll);
  return opened(facts, { raw, folder, bytes, fileExtents: () => inPlace.fileExtents() }, stack.move());
}

interface OpenedOptions extends Omit<OpenOptions, "format"> {
  /** The folder for what is unpacked. */
  readonly scratch: string;
}

async function openAsRaw(facts: ImageFacts, { scratch, ...options }: OpenedOptions): Promise<OpenImage> {
  const map = await requireWhole(facts.path, facts.format, options.signal);
  using stack = new DisposableStack();
  const { folder, remove } = await openWorkspace(map === undefined ? tmpdir() : scratch);
  stack.defer(remove);
  const raw =
    map === undefined ? linkInto(folder, facts.path) : await unpackInto(folder, map.dataBytes, facts, options);
  const descriptor = stack.adopt(openSync(raw, "r"), closeSync);
  const bytes = new DiskBytes(new RawDisk(descriptor, byteString(raw)), 0, facts.size);
  return opened(facts, { raw: viewsOfRaw(raw), folder, bytes, fileExtents: () => undefined }, stack.move());
}

function opened(
  facts: ImageFacts,
  content: Pick<OpenImage, "raw" | "folder" | "bytes" | "fileExtents">,
  stack: DisposableStack,
): OpenImage {
  const storedBytes = statSync(facts.path).blocks * 512;
  return { ...facts, ...content, storedBytes, [Symbol.dispose]: () => stack.dispose() };
}

const rawName = "disk.raw";

function linkInto(folder: string, path: string): string {
  const raw = join(folder, rawName);
  symlinkSync(path, raw);
  return raw;
}

async function unpackInto(folder: string, needed: Bytes, facts: ImageFacts, options: Watched): Promise<string> {
  const raw = join(folder, rawName);
  await requireSpace(folder, needed);
  await unpack(facts, raw, options);
  return raw;
}

type Watched = Pick<OpenOptions, "reporter" | "signal">;

async function unpack(facts: ImageFacts, raw: string, options: Watched): Promise<void> {
  await options.reporter.task(`unpacking ${facts.format}`, async ({ progress }) => {
    const onOutput = (text: string) => {
      const percent = progressOf(text);
      if (percent !== undefined) progress(Math.round((facts.size * percent) / 100), facts.size);
    };
    const arguments_ = ["convert", "-p", "-f", facts.format, "-O", "raw", facts.path, raw];
    try {
      await run("qemu-img", arguments_, { onOutput, signal: options.signal, deadlineSeconds: 24 * 3600 });
    } catch (error) {
      if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
      const { details } = error;
      throw new MkimageError("BAD_IMAGE", `${facts.path} cannot be read to its end`, { details, cause: error });
    }
  });
}
