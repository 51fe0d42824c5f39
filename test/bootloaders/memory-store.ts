import type { StoreReader } from "../../src/bootloaders/store-reader.ts";

/** A store in memory: paths to contents. A content that begins with `->` is a link to another path. */
export function memoryStore(files: Readonly<Record<string, string>>): StoreReader {
  const resolve = (path: string): string => {
    const content = files[path];
    return content?.startsWith("->") === true ? resolve(content.slice(2)) : path;
  };
  const contentAt = (path: string) => files[resolve(path)];
  return {
    read: (path) => {
      const content = contentAt(path);
      return content === undefined ? undefined : Buffer.from(content, "latin1");
    },
    locate: (path) => {
      const content = contentAt(path);
      return content === undefined ? undefined : { path: resolve(path), size: content.length };
    },
    list: (folder) => {
      const inside = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
      return [...new Set(inside.map((path) => path.slice(folder.length + 1).split("/", 1)[0] ?? ""))].sort();
    },
  };
}
