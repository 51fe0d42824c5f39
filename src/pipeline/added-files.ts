import { realpathSync } from "node:fs";
import { byteString, type ByteString } from "../base/byte-string.ts";
import { MkimageError } from "../base/errors.ts";
import { placeConfiguration } from "../manifest/build-root.ts";
import { type ContentEntry, readContents } from "../manifest/contents.ts";
import type { DirectoryInode, FileInode, Timestamp } from "../manifest/inode.ts";
import { placeContents } from "../manifest/place-contents.ts";
import { readTree } from "../manifest/read-folder.ts";
import { copyRules } from "../manifest/read-rules.ts";
import { emptyDirectory, type FilePlace, lookUp } from "../manifest/tree.ts";
import type { Request } from "../request/schema.ts";
import { folderOwnership } from "./plan/manifests.ts";

/** Lists all contents. Files added after formatting differ only in where their bytes may be stored on the way. */
export function contentsOf({ contents, postFormatFiles }: Request): ContentEntry[] {
  return [...contents, ...postFormatFiles.map(([source, target]) => ({ source, target }))];
}

/** The contents in an empty root. They are read once more, since each root has inodes of its own. */
export function contentsAlone(request: Request, time: Timestamp): DirectoryInode {
  const root = emptyDirectory(folderOwnership(time.seconds));
  placeContents(root, readContents(contentsOf(request), time), time);
  if (request.configFile !== undefined) placeConfiguration(root, readConfiguration(request.configFile), time);
  return root;
}

export function whole(inode: DirectoryInode): FilePlace {
  return { path: "", inode };
}

/** Finds the configuration file that `--config` adds. */
export function configuredIn(tree: DirectoryInode): FilePlace[] {
  const path = "etc/nixos/configuration.nix";
  const inode = lookUp(tree, path);
  return inode === undefined ? [] : [{ path, inode }];
}

/** They have been read by now, so they are there. */
export function privateSourcesOf({ postFormatFiles }: Request): ByteString[] {
  return postFormatFiles.map(([source]): ByteString => realpathSync(source, "latin1"));
}

export function readConfiguration(path: string): FileInode {
  const inode = readTree(byteString(realpathSync(path)), copyRules(timestamp(0)));
  if (inode.type === "file") return inode;
  throw new MkimageError("BAD_REQUEST", `the configuration ${path} is a ${inode.type}, not a file`);
}

export function timestamp(seconds: number): Timestamp {
  return { seconds, nanoseconds: 0 };
}
