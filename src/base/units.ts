import { MkimageError } from "./errors.ts";

declare const unit: unique symbol;

/** A length or an offset in bytes: a whole number from 0 to 2^53 - 1. */
export type Bytes = number & { readonly [unit]?: "bytes" };

/** A length or a position in sectors of the disk at hand (512 or 4096 bytes). */
export type Sectors = number & { readonly [unit]?: "sectors" };

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;
export const TiB = 1024 * GiB;

/** The smallest multiple of `step` that is not below `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** The largest multiple of `step` that is not above `value`. */
export function roundDown(value: number, step: number): number {
  return Math.floor(value / step) * step;
}

const multipliers: Readonly<Record<string, number>> = {
  b: 1,
  k: KiB,
  m: MiB,
  g: GiB,
  t: TiB,
};

/**
 * Reads a size such as `512M`, `10G`, `1MiB`, `1.5G`, `4096B` or `2048s` (sectors of 512 bytes). K, M, G and T are
 * powers of 1024. A bare number is counted in `bareUnit` (default: bytes).
 *
 * @throws MkimageError BAD_REQUEST when the text is no size, or is no whole number of bytes.
 */
export function parseSize(text: string, bareUnit: Bytes = 1): Bytes {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|(b)|(s))?$/i.exec(text.trim());
  const value = match === null ? Number.NaN : Number(match[1]) * unitOf(match, bareUnit);
  if (Number.isSafeInteger(value)) return value;
  throw new MkimageError("BAD_REQUEST", `${JSON.stringify(text)} is not a size`, {
    hint: "write a number with K, M, G or T (powers of 1024), or s for sectors of 512 bytes: 512M, 10G, 1MiB, 2048s",
  });
}

function unitOf(match: RegExpExecArray, bareUnit: Bytes): Bytes {
  const suffix = (match[2] ?? match[3])?.toLowerCase();
  if (suffix !== undefined) return multipliers[suffix] ?? Number.NaN;
  return match[4] === undefined ? bareUnit : 512;
}

/** A size for people: `1.5 GiB`, `256 MiB`, `12 bytes`. */
export function formatSize(bytes: Bytes): string {
  for (const [factor, name] of [
    [TiB, "TiB"],
    [GiB, "GiB"],
    [MiB, "MiB"],
    [KiB, "KiB"],
  ] as const) {
    if (bytes >= factor) return `${Number((bytes / factor).toFixed(1))} ${name}`;
  }
  return `${bytes} bytes`;
}
