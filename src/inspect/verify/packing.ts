import type { DiskBytes } from "../../image/disk-bytes.ts";

/** Compressed files and archives by the bytes, in hexadecimal, that they have at a place. */
const marks: readonly (readonly [what: string, place: number, mark: string])[] = [
  ["compressed as a whole by gzip", 0, "1f8b"],
  ["compressed as a whole by xz", 0, "fd377a585a00"],
  ["compressed as a whole by zstd", 0, "28b52ffd"],
  ["compressed as a whole by bzip2", 0, "425a68"],
  ["compressed as a whole by lz4", 0, "04224d18"],
  ["compressed as a whole by lzip", 0, "4c5a4950"],
  ["compressed as a whole by lzop", 0, "894c5a4f"],
  ["a zip archive", 0, "504b0304"],
  ["a 7z archive", 0, "377abcaf271c"],
  ["a VMA archive", 0, "564d4100"],
  ["a tar archive", 257, "7573746172"],
];

const longest = 512;

/** The packing of a file that has to be unpacked before its disk can be read: the end of a sentence. */
export function packingOf(bytes: DiskBytes): string | undefined {
  const head = bytes.read(0, Math.min(longest, bytes.size)).toString("hex");
  return marks.find(([, place, mark]) => head.startsWith(mark, place * 2))?.[0];
}
