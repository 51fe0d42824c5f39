import { accessSync, constants, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { MkimageError } from "../errors.ts";
import { fileExtent } from "../image/extent.ts";
import { requireSpace } from "../image/free-space.ts";
import type { Image } from "../image/image.ts";
import type { Bytes } from "../layout/units.ts";
import { byteString } from "../manifest/byte-string.ts";
import type { Reporter } from "../process/reporter.ts";
import { run } from "../process/run.ts";
import { openWorkspace } from "../process/workspace.ts";
import { endSize } from "./ends.ts";
import { parseImageInfo, refuseForeignFiles, type ImageInfo } from "./image-info.ts";
import { readSignatures } from "./signatures.ts";
import { tableSectorSize } from "./table-sectors.ts";

/** An image file of any format that QEMU reads, as bytes to write. */
export interface ImageFile extends Disposable {
  readonly image: Image;
  /** The image's first bytes. */
  readonly head: Uint8Array;
  /** What its partition table counts in, where it says so. */
  readonly sectorSize: Bytes | undefined;
}

/** What is known of an image file before it is read as a whole. */
export interface ImageFacts {
  readonly path: string;
  readonly format: string;
  /** Of the disk in it. */
  readonly size: Bytes;
}

/**
 * Looks at an image file. Its format is what it says it is; files that it points to are not followed.
 *
 * @throws MkimageError BAD_IMAGE, BAD_REQUEST when there is no such file.
 */
export async function examineImage(name: string): Promise<ImageFacts> {
  const path = resolve(name);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined)
    throw new MkimageError("BAD_REQUEST", `there is no image ${name}`, { hint: "give the path of an image file" });
  if (!status.isFile())
    throw new MkimageError("BAD_REQUEST", `${name} is not a file`, {
      hint: "give the path of an image file, not of a folder or device",
    });
  const info = await readInfo(path);
  refuseForeignFiles(path, info);
  const format = info.format === "raw" && (await hasVhdFooter(path, status.size)) ? "vpc" : info.format;
  if (format === "raw") return { path, format, size: status.size };
  return { path, format, size: format === info.format ? info.virtualSize : await vhdSize(path) };
}

/**
 * Opens an image for writing it to a device. Formats other than raw are unpacked into a sparse file first, beside the
 * image where that is allowed.
 *
 * @throws MkimageError BAD_IMAGE when it holds no partition table and no filesystem, NO_SPACE, INTERRUPTED.
 */
export async function openImageFile(facts: ImageFacts, reporter: Reporter, signal?: AbortSignal): Promise<ImageFile> {
  if (facts.format === "raw") return readRaw(facts.path, facts, () => undefined);
  const workspace = await openWorkspace(workFolder(facts.path));
  try {
    await requireSpace(workspace.folder, statSync(facts.path).size);
    const raw = join(workspace.folder, "disk.raw");
    await reporter.task(`unpacking ${facts.format}`, ({ progress }) => unpack(facts, raw, { progress, signal }));
    return await readRaw(raw, facts, () => workspace.remove());
  } catch (error) {
    workspace.remove();
    throw error;
  }
}

/** Shows what a file says about itself. */
export function infoArguments(path: string, format?: string): string[] {
  return ["info", "--output=json", ...(format === undefined ? [] : ["-f", format]), path];
}

/** Unpacks an image into a sparse raw file. */
export function unpackArguments(source: string, format: string, target: string): string[] {
  return ["convert", "-p", "-f", format, "-O", "raw", source, target];
}

/** Lists which parts of a raw file hold data. */
export function mapArguments(path: string): string[] {
  return ["map", "--output=json", "-f", "raw", path];
}

async function readInfo(path: string, format?: string): Promise<ImageInfo> {
  try {
    return parseImageInfo((await run("qemu-img", infoArguments(path, format), { deadlineSeconds: 60 })).stdout);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    throw new MkimageError("BAD_IMAGE", `${path} cannot be read as an image`, { details: error.details, cause: error });
  }
}

async function vhdSize(path: string): Promise<Bytes> {
  return (await readInfo(path, "vpc")).virtualSize;
}

/** A fixed VHD is raw but for its last sector. Source: Virtual Hard Disk Image Format Specification 1.0. */
async function hasVhdFooter(path: string, size: Bytes): Promise<boolean> {
  if (size < 1024) return false;
  const footer = await readBytes(path, size - 512, 8);
  return Buffer.from(footer).toString("latin1") === "conectix";
}

function workFolder(path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK);
    return dirname(path);
  } catch {
    return tmpdir();
  }
}

interface Watch {
  readonly progress: (done: number, total: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function unpack({ path, format }: ImageFacts, target: string, { progress, signal }: Watch): Promise<void> {
  const onOutput = (text: string) => {
    const percent = /\((\d+\.\d+)\/100%\)/.exec(text.split("\r").findLast((line) => line.includes("%")) ?? "")?.[1];
    if (percent !== undefined) progress(Number(percent), 100);
  };
  await run("qemu-img", unpackArguments(path, format, target), { onOutput, signal, deadlineSeconds: 24 * 3600 });
}

async function readRaw(path: string, { size, path: name }: ImageFacts, remove: () => void): Promise<ImageFile> {
  if ((await readSignatures([path])).length === 0) {
    throw new MkimageError("BAD_IMAGE", `${name} holds neither a partition table nor a filesystem`, {
      hint: "give a disk image; one that is compressed as a whole (.gz, .xz, .zst) must be unpacked first",
    });
  }
  const head = await readBytes(path, 0, Math.min(endSize, size));
  const { stdout } = await run("qemu-img", mapArguments(path), { deadlineSeconds: 600 });
  return {
    image: { size, extents: parseMap(stdout, path, size) },
    head,
    sectorSize: tableSectorSize(head, size),
    [Symbol.dispose]: remove,
  };
}

/** QEMU counts in whole sectors: what it says about the last one may reach behind the file's end. */
function parseMap(json: string, path: string, size: Bytes) {
  const parts = JSON.parse(json) as { start: number; length: number; data: boolean; zero: boolean }[];
  return parts
    .filter(({ start, data, zero }) => data && !zero && start < size)
    .map(({ start, length }) => fileExtent(start, Math.min(length, size - start), byteString(path), start));
}

async function readBytes(path: string, offset: Bytes, length: Bytes): Promise<Uint8Array> {
  await using file = await open(path);
  const bytes = new Uint8Array(length);
  await file.read(bytes, 0, length, offset);
  return bytes;
}
