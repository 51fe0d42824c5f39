import type { ByteString } from "../../base/byte-string.ts";
import { bytesOf } from "../../base/byte-string.ts";
import type { ArchiveEntry } from "../../guest/cpio.ts";
import type { Inventory } from "../../guest/toolbox/inventory.ts";
import { toolboxTree } from "../../guest/toolbox/tree.ts";
import { contentOf } from "../../manifest/file-content.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";

/** A toolbox as files of an initrd, at /toolbox, without what programs do not need to run. */
export async function toolboxEntries(inventory: Inventory): Promise<ArchiveEntry[]> {
  return [...entriesOf(await toolboxTree(inventory), "toolbox")];
}

function* entriesOf(folder: DirectoryInode, path: ByteString): Generator<ArchiveEntry> {
  yield { path, type: "directory", mode: folder.mode };
  for (const [name, inode] of [...folder.entries].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const place = `${path}/${name}`;
    if (isSpare.test(place)) continue;
    const { mode } = inode;
    if (inode.type === "directory") yield* entriesOf(inode, place);
    if (inode.type === "file") yield { path: place, type: "file", mode, bytes: contentOf(inode) };
    if (inode.type === "symlink") yield { path: place, type: "symlink", mode, bytes: bytesOf(inode.target) };
  }
}

/** Closures have what people read, and what programs are compiled with. */
const isSpare =
  /\/(?:share\/(?:man|doc|info|locale|i18n|gtk-doc|bash-completion|zsh|fish)|include|lib\/(?:locale|gconv|pkgconfig))$|\.l?a$/;
