import { MkimageError } from "../base/errors.ts";
import { type Bytes, type Sectors, parseSize } from "../base/units.ts";

/** A place that sgdisk would read: absolute, `+` from where the partition starts, `-` from where the free space ends. */
export interface Position {
  readonly from: "disk" | "start" | "end";
  readonly sectors: Sectors;
}

/** Reads `34s`, `1M`, `+512M` or `-1G`; a bare number counts sectors. */
export function parsePosition(text: string, sectorSize: number): Position {
  const from = text.startsWith("+") ? "start" : text.startsWith("-") ? "end" : "disk";
  return { from, sectors: parseSectors(from === "disk" ? text : text.slice(1), sectorSize) };
}

/**
 * Reads a size in sectors: `2048` and `2048s` count sectors, all else is bytes and becomes whole sectors.
 *
 * @throws MkimageError BAD_REQUEST when the text is no size, or no whole number of sectors.
 */
export function parseSectors(text: string, sectorSize: number): Sectors {
  const bare = /^(\d+)s?$/i.exec(text);
  const sectors = bare === null ? parseBytes(text) / sectorSize : Number(bare[1]);
  if (Number.isSafeInteger(sectors)) return sectors;
  throw new MkimageError("BAD_REQUEST", `${text} is no whole number of sectors of ${sectorSize} bytes`, {
    hint: `take a multiple of ${sectorSize} bytes`,
  });
}

/** As `parseSize`, with P for 1024 T. */
export function parseBytes(text: string): Bytes {
  const peta = /^(\d+(?:\.\d+)?)p/i.exec(text);
  return peta === null ? parseSize(text) : parseSize(`${peta[1]}T`) * 1024;
}
