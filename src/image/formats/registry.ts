import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize } from "../../base/units.ts";
import type { Driver, ImageFormat, ImageReader } from "./format.ts";
import { parallelsReader, qedReader } from "./only-read.ts";
import { qcow2, qcow2Compressed, qcow2Reader } from "./qcow2.ts";
import { raw, rawReader } from "./raw.ts";
import { vdi, vdiReader } from "./vdi.ts";
import { vhdx, vhdxReader } from "./vhdx.ts";
import { vmdk, vmdkReader } from "./vmdk.ts";
import { vpc, vpcFixed, vpcReader } from "./vpc.ts";

/** Every format, by what `--format` calls it. */
export const imageFormats = {
  raw,
  qcow2,
  "qcow2-compressed": qcow2Compressed,
  vdi,
  vpc,
  "vpc-fixed": vpcFixed,
  vhdx,
  vmdk,
} as const satisfies Readonly<Record<string, ImageFormat>>;

export type FormatName = keyof typeof imageFormats;

export const formatNames = Object.keys(imageFormats) as [FormatName, ...FormatName[]];

/** QEMU's drivers for them, each once. */
export const imageDrivers: readonly Driver[] = [...new Set(Object.values(imageFormats).map(({ driver }) => driver))];

/** The readers of images, by QEMU's driver. QEMU reads other formats too, which need nothing of their own. */
const imageReaders: Readonly<Record<string, ImageReader>> = {
  raw: rawReader,
  qcow2: qcow2Reader,
  vdi: vdiReader,
  vpc: vpcReader,
  vhdx: vhdxReader,
  vmdk: vmdkReader,
  qed: qedReader,
  parallels: parallelsReader,
} satisfies Readonly<Record<Driver | "qed" | "parallels", ImageReader>>;

const anyReader: ImageReader = { endings: [], isCheckable: false, readsPastEnd: false };

export function readerOf(driver: string): ImageReader {
  return Object.hasOwn(imageReaders, driver) ? (imageReaders[driver] ?? anyReader) : anyReader;
}

/** The driver that a file's ending (in lower case, with its dot) promises. */
export function driverPromisedBy(ending: string): string | undefined {
  return Object.entries(imageReaders).find(([, { endings }]) => endings.includes(ending))?.[0];
}

/** Describes the other files that hold the contents of a file, by its first bytes, whatever its format. */
export function referencesIn(head: Buffer): string | undefined {
  return Object.values(imageReaders)
    .map((reader) => reader.references?.(head))
    .find((what) => what !== undefined);
}

/**
 * Refuses a disk that a format cannot hold, before anything is written.
 *
 * @throws MkimageError BAD_REQUEST.
 */
export function requireFormatHolds(name: FormatName, size: Bytes): void {
  const { largest } = imageFormats[name];
  if (size <= largest) return;
  throw new MkimageError("BAD_REQUEST", `the format ${name} cannot hold a disk of ${formatSize(size)}`, {
    hint: `make it at most ${formatSize(largest)}, or choose another format, such as qcow2`,
  });
}
