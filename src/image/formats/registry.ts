import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize } from "../../base/units.ts";
import type { Driver, ImageFormat } from "./format.ts";
import { qcow2, qcow2Compressed } from "./qcow2.ts";
import { raw } from "./raw.ts";
import { vdi } from "./vdi.ts";
import { vhdx } from "./vhdx.ts";
import { vmdk } from "./vmdk.ts";
import { vpc, vpcFixed } from "./vpc.ts";

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

type FormatName = keyof typeof imageFormats;

export const formatNames = Object.keys(imageFormats) as [FormatName, ...FormatName[]];

/** QEMU's drivers for them, each once. */
export const imageDrivers: readonly Driver[] = [...new Set(Object.values(imageFormats).map(({ driver }) => driver))];

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
