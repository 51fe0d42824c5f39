import type { StoreReader } from "../bootloaders/store-reader.ts";
import { MiB } from "../base/units.ts";
import { byteString, textOf } from "../base/byte-string.ts";
import { lookUp } from "../manifest/tree.ts";
import { readContent } from "../manifest/stored-content.ts";
import { follow, followToFile } from "../manifest/follow.ts";
import { type FoundStore, rootOf } from "./nix-store.ts";

/** The default limit for one file: the text files of a system are smaller. */
const largest = 4 * MiB;

/**
 * The store of an image, for the readers of a system's files. Links stay inside of the image.
 *
 * Its `read` throws MkimageError BAD_IMAGE for a file of more than `most` bytes (default: 4 MiB), or one that is not all there.
 */
export function imageStore(store: FoundStore): StoreReader {
  const root = rootOf(store);
  return {
    read: (path, most = largest) => {
      const file = followToFile(root, byteString(path));
      return file === undefined ? undefined : readContent(file, most);
    },
    locate: (path) => {
      const end = follow(root, byteString(path));
      const inode = end === undefined ? undefined : lookUp(root, end);
      return end === undefined || inode?.type !== "file" ? undefined : { path: `/${textOf(end)}`, size: inode.size };
    },
    list: (path) => {
      const end = follow(root, byteString(path));
      const inode = end === undefined ? undefined : lookUp(root, end);
      return inode?.type === "directory" ? [...inode.entries.keys()].map(textOf).toSorted() : [];
    },
  };
}
