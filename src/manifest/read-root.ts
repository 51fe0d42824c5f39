import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { type ByteString, byteString } from "../base/byte-string.ts";
import { decompressed } from "./decompress.ts";
import type { DirectoryInode, Timestamp } from "./inode.ts";
import { readLargeTree } from "./read-folder.ts";
import type { ReadRules } from "./read-rules.ts";
import { readTar } from "./read-tar.ts";

/** How a root tree that is no Nix system is read. */
export interface RootOptions {
  /** `root`: everything is 0:0. `as-is`: the numbers that the files have. */
  readonly owner: "root" | "as-is";
  /** One time for everything, or the files' own. */
  readonly times: Timestamp | "as-is";
  /** Where a compressed archive is unpacked; it must stay until the image is written. */
  readonly scratchFolder: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a folder or a tar archive (also compressed) as a root, with modes, hard links, holes, devices and extended
 * attributes. Contents stay where they are.
 *
 * @throws MkimageError BAD_REQUEST when it cannot be read or is neither; MISSING_TOOL; COMMAND_FAILED.
 */
export async function readRoot(path: string, options: RootOptions): Promise<DirectoryInode> {
  const absolute = resolve(path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return readRootFolder(absolute, options);
  if (stats?.isFile())
    return readTar(byteString(await decompressed(realpathSync(absolute), options.scratchFolder, options)), options);
  throw new MkimageError(
    "BAD_REQUEST",
    `${path} is ${stats === undefined ? "not there" : "neither a folder nor a file"}`,
    {
      hint: "--root takes a folder or a tar archive (.tar, .tar.gz, .tar.zst, .tar.xz, .tar.bz2)",
    },
  );
}

async function readRootFolder(path: string, { owner, times, signal }: RootOptions): Promise<DirectoryInode> {
  const folder: ByteString = realpathSync(path, "latin1");
  const rules: ReadRules = { owner, modes: "as-is", times, links: "keep", holes: "keep", xattrs: "keep" };
  return (await readLargeTree(folder, rules, signal)) as DirectoryInode;
}
