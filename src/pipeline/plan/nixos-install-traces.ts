import { KiB, MiB } from "../../base/units.ts";
import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode, FileInode } from "../../manifest/inode.ts";
import { lookUp } from "../../manifest/tree.ts";
import { folderOwnership } from "./manifests.ts";

/** The file that Nix keeps, to have some room left for its database when a disk is full. Source: nix.conf(5), gc-reserved-space. */
const reserved = 8 * MiB;

/** What activation writes to /etc, /var and /root, and the folders of Nix's state: measured, with as much again. */
const state = 512 * KiB;

/**
 * The room that nixos-install takes on the filesystem with Nix's database, beyond the closure, as a file of that size: its
 * own database has grown row by row, and is larger than one that is written at once. Pure.
 */
export function nixosInstallTraces(files: DirectoryInode, time: number): ReadonlyMap<ByteString, FileInode> {
  const database = lookUp(files, "nix/var/nix/db/db.sqlite");
  const size = reserved + state + (database?.type === "file" ? database.size : 0);
  const content = [{ offset: 0, length: size, source: { kind: "zeros" } as const }];
  return new Map([
    ["/nix/var/nix/db/reserved", { type: "file", ...folderOwnership(time), mode: 0o600, size, content }],
  ]);
}
