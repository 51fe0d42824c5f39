import type { ByteString } from "../base/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "./inode.ts";
import { namesOf } from "./tree.ts";

const mostLinks = 40;
/** All targets of the links on one way together; each can have 4096 bytes, and none of these has. */
const mostLinkText = 16 * 1024;

interface Step {
  readonly name: ByteString;
  readonly inode: Inode;
}

/**
 * Resolves the symbolic links of a path of an image, all inside of `root`: the path without a leading slash, or `undefined`
 * where links lead nowhere, into other filesystems or in circles.
 */
export function follow(root: DirectoryInode, path: ByteString): ByteString | undefined {
  return walkTo(root, path)
    ?.map(({ name }) => name)
    .join("/");
}

/** The file that a path leads to. */
export function followToFile(root: DirectoryInode, path: ByteString): FileInode | undefined {
  const inode = walkTo(root, path)?.at(-1)?.inode;
  return inode?.type === "file" ? inode : undefined;
}

function walkTo(root: DirectoryInode, path: ByteString): Step[] | undefined {
  const waiting = namesOf(path).reverse();
  let done: Step[] = [];
  let [links, linkText] = [0, 0];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === "..") {
      done.pop();
      continue;
    }
    const folder = done.at(-1)?.inode ?? root;
    const inode = folder.type === "directory" ? folder.entries.get(name) : undefined;
    if (inode === undefined) return undefined;
    if (inode.type !== "symlink") {
      done.push({ name, inode });
      continue;
    }
    links += 1;
    linkText += inode.target.length;
    if (links > mostLinks || linkText > mostLinkText) return undefined;
    if (inode.target.startsWith("/")) done = [];
    waiting.push(...namesOf(inode.target).reverse());
  }
  return done;
}
