import type { StoreReader } from "../../../src/bootloaders/store-reader.ts";
import { type ArchiveEntry, cpioArchive } from "../../../src/guest/cpio.ts";
import { byteString } from "../../../src/base/byte-string.ts";

/** Where the systems of these tests are. */
export const toplevel = "/nix/store/00000000000000000000000000000000-system";

/** A store that holds one system: its files by their paths below the toplevel. */
export function systemOf(files: Readonly<Record<string, string | Uint8Array>>): StoreReader {
  const paths = new Map(Object.entries(files).map(([path, bytes]) => [`${toplevel}/${path}`, Buffer.from(bytes)]));
  return {
    read: (path) => paths.get(path),
    locate: (path) => (paths.has(path) ? { path, size: paths.get(path)?.length ?? 0 } : undefined),
    list: (folder) => [
      ...new Set(
        [...paths.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1).split("/", 1)[0] ?? ""),
      ),
    ],
  };
}

/** An archive of files by their paths; what begins with an arrow is a symlink. */
export function archiveOf(files: Readonly<Record<string, string>>): Buffer {
  return cpioArchive(
    Object.entries(files).map(([path, text]): ArchiveEntry => {
      const isLink = text.startsWith("→");
      return {
        path: byteString(path),
        type: isLink ? "symlink" : "file",
        mode: 0o755,
        bytes: Buffer.from(isLink ? text.slice(1) : text),
      };
    }),
  );
}
