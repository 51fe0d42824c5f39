import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize, GiB, TiB } from "../../base/units.ts";
import { namingAll } from "../../runtime/naming.ts";
import { run } from "../../runtime/run.ts";
import { driverPromisedBy } from "../formats/registry.ts";
import { refuseReferences } from "./foreign-files.ts";
import { type ImageInfo, parseImageInfo, refuseForeignFiles } from "./image-info.ts";

/** The facts of an image file that are known before it is read as a whole. */
export interface ImageFacts {
  /** As the user gave it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** As qemu-img calls it. */
  readonly format: string;
  /** Of the disk in it. */
  readonly size: Bytes;
}

/**
 * Looks at an image file. Its format is what it says it is, unless the user knows better; files that it points to are
 * not followed.
 *
 * @throws MkimageError BAD_IMAGE when it cannot be read, reads other files, or is not what its name says; BAD_REQUEST when
 *   there is no such file.
 */
export async function examineImage(name: string, knownFormat?: string): Promise<ImageFacts> {
  const path = resolve(name);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined)
    throw new MkimageError("BAD_REQUEST", `there is no image ${name}`, { hint: "give the path of an image file" });
  if (!status.isFile())
    throw new MkimageError("BAD_REQUEST", `${name} is not a file`, {
      hint: "give the path of an image file, not of a folder or device",
    });
  refuseReferences(path);
  const info = await readInfo(path, knownFormat);
  refuseForeignFiles(path, info);
  const isUnknown = knownFormat === undefined && info.format === "raw";
  const format = isUnknown && (await hasVhdFooter(path, status.size)) ? "vpc" : info.format;
  if (knownFormat === undefined) requireHonestName(name, format);
  if (format === "raw") return { name, path, format, size: status.size };
  const size = format === info.format ? info.virtualSize : await vhdSize(path);
  if (size <= largestDisk) return { name, path, format, size };
  throw new MkimageError("BAD_IMAGE", `${path} claims to be a disk of ${formatSize(size)}`, {
    hint: `no machine has one of more than ${formatSize(largestDisk)}`,
  });
}

const largestDisk = 256 * TiB;

/** Shows what a file says about itself. */
function infoArguments(path: string, format?: string): string[] {
  return ["info", "--output=json", ...(format === undefined ? [] : ["-f", format]), path];
}

/** It looks at headers and tables, which have some megabytes at most. */
const limits = { cpuSeconds: 10, memory: GiB / 2 };

async function readInfo(path: string, format?: string): Promise<ImageInfo> {
  try {
    return parseImageInfo((await run("qemu-img", infoArguments(path, format), { deadlineSeconds: 60, limits })).stdout);
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

/**
 * Whoever could write into a raw image could have made its first bytes a header of another format, and have its reader
 * open files of this machine.
 */
function requireHonestName(name: string, format: string): void {
  const ending = extname(name).toLowerCase();
  const wanted = driverPromisedBy(ending);
  if (wanted === undefined || wanted === format) return;
  throw new MkimageError("BAD_IMAGE", `${name} is named ${ending}, but its bytes are those of the format ${format}`, {
    hint: `say what it is: --format ${format}, or --format ${wanted}`,
  });
}

/** A part of a file. */
export async function readBytes(path: string, offset: Bytes, length: Bytes): Promise<Uint8Array> {
  await using file = await open(path);
  const bytes = new Uint8Array(length);
  await namingAll(path, () => file.read(bytes, 0, length, offset));
  return bytes;
}
