import type { ByteString } from "../manifest/byte-string.ts";
import type { DirectoryInode, FileInode } from "../manifest/inode.ts";
import { lookUp, namesOf } from "../manifest/tree.ts";

const mostLinks = 40;

/**
 * What stands at a path of an image once its symbolic links are followed, all inside of `root`: its path without a leading
 * slash, or `undefined` where links lead nowhere, into other filesystems or in circles.
 */
export function follow(root: DirectoryInode, path: ByteString): ByteString | undefined {
  const waiting = namesOf(path);
  let done: ByteString[] = [];
  for (let links = 0; waiting.length > 0;) {
    const name = waiting.shift() as ByteString;
    if (name === "..") {
      done.pop();
      continue;
    }
    const inode = lookUp(root, [...done, name].join("/"));
    if (inode === undefined) return undefined;
    if (inode.type !== "symlink") done.push(name);
    else {
      links += 1;
      if (links > mostLinks) return undefined;
      if (inode.target.startsWith("/")) done = [];
      waiting.unshift(...namesOf(inode.target));
    }
  }
  return done.join("/");
}

/** The file that a path leads to. */
export function followToFile(root: DirectoryInode, path: ByteString): FileInode | undefined {
  const end = follow(root, path);
  const inode = end === undefined ? undefined : lookUp(root, end);
  return inode?.type === "file" ? inode : undefined;
}
