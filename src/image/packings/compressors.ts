import type { Compressor } from "./compressor.ts";
import { gzip } from "./gzip.ts";
import { zstd } from "./zstd.ts";

/** Every format of compressed files, by what `--compress` calls it. */
export const compressors = { gzip, zstd } as const satisfies Readonly<Record<string, Compressor>>;

export type CompressorName = keyof typeof compressors;

export const compressorNames = Object.keys(compressors) as [CompressorName, ...CompressorName[]];
