import { type Bytes, KiB, MiB, roundUp } from "../../base/units.ts";
import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "../../manifest/inode.ts";
import { countNames, lookUp, walk } from "../../manifest/tree.ts";
import { folderOwnership } from "./manifests.ts";

/** The file that Nix keeps, to have some room left for its database when a disk is full. Source: nix.conf(5), gc-reserved-space. */
const reserved = 8 * MiB;

/** Room for the files of an activation in /etc, /var and /root, and for the folders of Nix's state: twice what was measured. */
const state = 512 * KiB;

/**
 * Folders that a kernel fills name by name are larger than those that are laid out at once: measured with 20,000 small files in
 * a few folders, 29 bytes each.
 */
const roomOfName = 32;

/** Room for GRUB's images and menu beside its modules. */
const grubImages = MiB;

/**
 * The room that nixos-install takes beyond the closure and what a builder that the host knows writes, as files of that size
 * where it takes it: its own database has grown row by row, and is larger than one that is written at once; GRUB's program
 * copies its modules. Pure.
 *
 * @param files the whole system, store and database included.
 */
export function nixosInstallTraces(files: DirectoryInode, time: number): Map<ByteString, FileInode> {
  const database = lookUp(files, "nix/var/nix/db/db.sqlite");
  const modules = grubModules(files);
  const grub = modules === 0 ? [] : [["/boot/grub/modules", fileOf(modules + grubImages, time)] as const];
  const store = lookUp(files, "nix/store");
  const names = store === undefined ? 0 : countNames(store);
  const nix = reserved + state + names * roomOfName + (database?.type === "file" ? database.size : 0);
  return new Map([["/nix/var/nix/db/reserved", fileOf(nix, time)], ...grub]);
}

function fileOf(size: Bytes, time: number): FileInode {
  const content = [{ offset: 0, length: size, source: { kind: "zeros" } as const }];
  return { type: "file", ...folderOwnership(time), mode: 0o600, size, content };
}

/** The bytes that the modules of every GRUB in the store take on a disk. */
function grubModules(files: DirectoryInode): Bytes {
  const store = lookUp(files, "nix/store");
  const paths = store?.type === "directory" ? [...store.entries.values()] : [];
  const folders = paths.flatMap((path) => (path.type === "directory" ? (lookUp(path, "lib/grub") ?? []) : []));
  return folders.reduce((sum, folder) => sum + bytesOnDisk(folder), 0);
}

function bytesOnDisk(folder: Inode): Bytes {
  return [...walk(folder)].reduce(
    (sum, { inode }) => sum + (inode.type === "file" ? roundUp(inode.size, 4 * KiB) : 0),
    0,
  );
}
