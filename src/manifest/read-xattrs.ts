import { run, type RunOptions } from "../process/run.ts";
import { type ByteString, textOf } from "./byte-string.ts";
import type { DirectoryInode } from "./inode.ts";
import { lookUp } from "./tree.ts";

/** The extended attributes of each path that has any. */
export type XattrsByPath = ReadonlyMap<ByteString, ReadonlyMap<ByteString, Uint8Array>>;

/**
 * The extended attributes of everything in a folder, by full path: capabilities, ACLs, labels, `user.*`. Those of the
 * namespace `trusted` are seen by root only. Node itself cannot read them.
 *
 * @throws MkimageError MISSING_TOOL, COMMAND_FAILED.
 */
export async function readXattrs(path: ByteString, options: Pick<RunOptions, "signal"> = {}): Promise<XattrsByPath> {
  const { stdout } = await run("getfattr", getfattrArguments(path), { ...options, encoding: "latin1" });
  return parseXattrs(stdout);
}

/** Gives the inodes of a tree that was read from `folder` the extended attributes that were found there. */
export function attachXattrs(root: DirectoryInode, folder: ByteString, found: XattrsByPath): void {
  for (const [path, xattrs] of found) {
    const inode = lookUp(root, path.slice(folder.length));
    if (inode !== undefined) Object.assign(inode, { xattrs });
  }
}

/** The arguments of getfattr that list a tree in a form without ambiguity. Pure. */
export function getfattrArguments(path: ByteString): string[] {
  const everyName = ["--match", "-"];
  const noLinksFollowed = ["--no-dereference", "--physical"];
  return [
    "--dump",
    "--encoding",
    "hex",
    "--absolute-names",
    "--recursive",
    ...everyName,
    ...noLinksFollowed,
    "--",
    textOf(path),
  ];
}

/**
 * Reads what `getfattr --dump --encoding hex` prints: for each path a line `# file: PATH`, lines `NAME=0xHEX`, and a blank
 * line. Paths and names have octal escapes. Pure.
 */
export function parseXattrs(text: string): XattrsByPath {
  const paths = new Map<ByteString, Map<ByteString, Uint8Array>>();
  let current = new Map<ByteString, Uint8Array>();
  for (const line of text.split("\n")) {
    const file = /^# file: (.*)$/.exec(line)?.[1];
    if (file !== undefined) paths.set(unescape(file), (current = new Map()));
    const [, name, hex] = /^([^#=][^=]*)(?:=(?:0x([0-9a-f]*)|""))?$/.exec(line) ?? [];
    if (name !== undefined) current.set(unescape(name), Buffer.from(hex ?? "", "hex"));
  }
  return paths;
}

function unescape(text: string): ByteString {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
