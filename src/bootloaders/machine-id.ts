import { contentOf } from "../manifest/file-content.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { lookUp } from "../manifest/tree.ts";
import type { StoreReader } from "./store-reader.ts";

/**
 * The machine id that an image has before its first boot: the one that its contents bring, else the one that the system
 * brings, if any.
 */
export function machineIdOf(files: DirectoryInode, toplevel: string, store: StoreReader): string | undefined {
  const inode = lookUp(files, "etc/machine-id");
  const text = inode?.type === "file" ? contentOf(inode) : store.read(`${toplevel}/etc/machine-id`);
  return text?.toString("utf8").split("\n", 1)[0]?.trim();
}
