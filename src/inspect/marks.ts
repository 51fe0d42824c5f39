import type { Filesystem } from "../filesystems/filesystem.ts";
import { filesystems } from "../filesystems/registry.ts";
import type { DiskBytes } from "../image/disk-bytes.ts";

/** Finds a filesystem's type by a magic number that blkid may be too old to know. */
export function typeByMark(bytes: DiskBytes): string | null {
  const isMarked = ({ marks = [] }: Filesystem) =>
    marks.some(({ offset, hex }) => {
      const length = hex.length / 2;
      return bytes.size >= offset + length && bytes.read(offset, length).toString("hex") === hex;
    });
  return Object.entries<Filesystem>(filesystems).find(([, filesystem]) => isMarked(filesystem))?.[0] ?? null;
}
